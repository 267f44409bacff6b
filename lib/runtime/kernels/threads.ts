import { firstMessage } from '../../workers/first-message.ts';
import type { Call, Kernels } from './kernels.ts';

// A network on several threads: each runs the same list of steps on the same memory, its own share of each, and none goes on to the next
// step before all have done theirs.

/** What the first thread tells another. */
export type ToThread =
  /** A network's kernels and memory; where all threads count those that have done a step; how many threads there are. */
  | {
      type: 'enter';
      network: number;
      module: WebAssembly.Module;
      memory: WebAssembly.Memory;
      done: Int32Array<SharedArrayBuffer>;
      size: number;
    }
  /** What this thread calls in each step of a run for so many pictures. */
  | { type: 'plan'; network: number; pictures: number; calls: readonly (Call | undefined)[] }
  /** To run a plan now; what the count stood at before. */
  | { type: 'run'; network: number; pictures: number; before: number }
  | { type: 'leave'; network: number };

/** The name of the workers that are threads, by which their script knows what it is to be. */
export const threadName = 'facenet-web thread';

/** How long the others may take to start, in seconds. */
const longestStart = 5;

/** A thread that waits looks so often, which takes some 20 microseconds, before it sleeps. */
const turnsAwake = 2000;

/** How long it sleeps at a time, in milliseconds; after so many times in which nothing came the others count as lost. */
const longestSleep = 100;
const mostSleeps = 100;

/** Threads that are lost are ended; a call of a kernel that one of them is in is over by then, in milliseconds. */
const longestCall = 200;

/** More than all threads together count in a run: a count that is so much less lets none of them go on. */
const outOfReach = 1 << 30;

/** More threads would wait for each other longer than they compute. */
const mostThreads = 4;

/** That other threads do not answer any more. */
export class ThreadsLost extends Error {}

/**
 * How many threads networks may run on here: as many as were asked for, else half of what the processor has, at most four, so that
 * the page keeps what it needs. Threads share a memory, which a browser allows on a cross-origin isolated page alone.
 */
export function threadsHere(asked: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return asked ?? Math.max(1, Math.min(mostThreads, Math.floor(navigator.hardwareConcurrency / 2)));
}

/** Workers that compute a share of every network of one thread, which is one of them. They end with the worker that started them. */
export class ThreadPool {
  /** How many threads there are, the first included. */
  readonly size: number;
  readonly #others: readonly Worker[];
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  #count = 0;
  #networks = 0;
  #ended: Promise<void> | undefined;

  private constructor(others: readonly Worker[]) {
    this.#others = others;
    this.size = 1 + others.length;
    for (const worker of others) {
      worker.onerror = (event) => {
        event.preventDefault();
        this.#giveUp();
      };
      worker.onmessageerror = () => this.#giveUp();
    }
  }

  /** Settled when the other threads are gone; nothing as long as they serve. */
  get ended(): Promise<void> | undefined {
    return this.#ended;
  }

  /**
   * Starts the other threads.
   *
   * @param size how many threads there are to be, the first included.
   * @param make makes a worker of {@link threadName}, which calls {@link serveThread}.
   * @returns nothing where they do not start.
   */
  static async start(size: number, make: () => Worker): Promise<ThreadPool | undefined> {
    const others: Worker[] = [];
    try {
      while (others.length < size - 1) others.push(make());
      await Promise.all(others.map((worker) => firstMessage(worker, longestStart)));
      return new ThreadPool(others);
    } catch {
      for (const worker of others) worker.terminate();
      return undefined;
    }
  }

  /** Gives the others a network's kernels and its memory. */
  enter(module: WebAssembly.Module, memory: WebAssembly.Memory): Crew {
    const network = this.#networks++;
    const { size } = this;
    this.#tell({ type: 'enter', network, module, memory, done: this.#done, size });
    return {
      size,
      ended: () => this.#ended,
      plan: (pictures, calls) => {
        this.#others.forEach((worker, i) => {
          worker.postMessage({
            type: 'plan',
            network,
            pictures,
            calls: calls.map((shares) => shares[i + 1]),
          } satisfies ToThread);
        });
      },
      run: (pictures, steps) => this.#run(network, pictures, steps),
      leave: () => this.#tell({ type: 'leave', network }),
    };
  }

  #run(network: number, pictures: number, steps: readonly (() => void)[]): void {
    const { size } = this;
    const before = this.#count;
    this.#count = (before + steps.length * size) | 0;
    this.#tell({ type: 'run', network, pictures, before });
    try {
      steps.forEach((step, i) => {
        step();
        meet(this.#done, before + (i + 1) * size, mostSleeps);
      });
    } catch (error) {
      this.#giveUp();
      throw error;
    }
  }

  /** Whatever went wrong, the others are not where this thread is: none of them may write to a memory that is used again. */
  #giveUp(): void {
    if (this.#ended) return;
    // To be ended takes a worker that computes a while.
    Atomics.sub(this.#done, 0, outOfReach);
    for (const worker of this.#others) worker.terminate();
    this.#ended = new Promise((resolve) => setTimeout(resolve, longestCall));
  }

  #tell(message: ToThread): void {
    for (const worker of this.#others) worker.postMessage(message);
  }
}

/** The other threads, as one network sees them. */
export interface Crew {
  /** How many threads there are, the first included. */
  readonly size: number;
  /** Settled when they are gone, and whoever used them may go on alone; nothing as long as they serve. */
  ended(): Promise<void> | undefined;
  /** Tells each what to call in each step: its share, where there is one for it. */
  plan(pictures: number, calls: readonly (readonly Call[])[]): void;
  /**
   * Runs a plan together; what is given is the first thread's own part of each step.
   *
   * @throws {ThreadsLost} when the others do not keep up.
   */
  run(pictures: number, steps: readonly (() => void)[]): void;
  leave(): void;
}

/** The other end: a worker that computes its share whenever it is told to. */
export function serveThread(): void {
  interface Network {
    kernels: Kernels;
    done: Int32Array<SharedArrayBuffer>;
    size: number;
    plans: Map<number, readonly (Call | undefined)[]>;
  }
  const networks = new Map<number, Network>();
  addEventListener('message', ({ data }: MessageEvent<ToThread>) => {
    if (data.type === 'enter') {
      const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
      const kernels = exports as unknown as Kernels;
      networks.set(data.network, { kernels, done: data.done, size: data.size, plans: new Map() });
      return;
    }
    const network = networks.get(data.network);
    if (!network) return;
    const { kernels, done, size, plans } = network;
    if (data.type === 'plan') plans.set(data.pictures, data.calls);
    else if (data.type === 'leave') networks.delete(data.network);
    else {
      plans.get(data.pictures)?.forEach((call, i) => {
        if (call) kernels[call.kernel](...call.numbers);
        meet(done, data.before + (i + 1) * size);
      });
    }
  });
  postMessage('awake');
}

/**
 * Counts this thread as done with a step, and waits until all are: awake for a while, since to be woken up takes longer than most steps,
 * then asleep, so that another thread which has no processor gets this one's.
 *
 * @param target what the count is then; it may have gone round.
 * @param sleeps how often it may sleep in vain. (Time would also pass while the whole machine is asleep.)
 * @throws {ThreadsLost} after that.
 */
function meet(done: Int32Array<SharedArrayBuffer>, target: number, sleeps = Number.POSITIVE_INFINITY): void {
  if (((Atomics.add(done, 0, 1) + 1) | 0) === (target | 0)) {
    Atomics.notify(done, 0);
    return;
  }
  let left = sleeps;
  for (let turns = 0; ; turns++) {
    const count = Atomics.load(done, 0);
    if (((count - target) | 0) >= 0) return;
    if (turns < turnsAwake) continue;
    if (left <= 0) throw new ThreadsLost('a thread does not answer');
    if (Atomics.wait(done, 0, count, longestSleep) === 'timed-out') left--;
  }
}
