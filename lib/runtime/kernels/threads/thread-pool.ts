// A network on several threads: each executes the same steps on the same memory, its own share of each step, and waits
// at a barrier after every step.

import { firstMessage } from '../../../workers/first-message.ts';
import type { KernelCall } from '../wasm/signatures.ts';
import { waitAtBarrier } from './barrier.ts';
import type { ThreadMessage } from './messages.ts';

/** Timeout for the start of a thread, in seconds. */
const startTimeout = 5;

/** Timeout for the other threads at a barrier: 100 sleeps of 100 ms. */
const maxSleeps = 100;

/** A terminated worker finishes the kernel call that it is in; it takes no longer than this, in milliseconds. */
const maxCallTime = 200;

/** More arrivals than any run counts: a counter that is this much lower lets no thread pass a barrier. */
const unreachable = 1 << 30;

/** The threads as one network uses them. */
export interface ThreadGroup {
  /** Number of threads, including the calling thread. */
  readonly size: number;
  /**
   * Resolves when the other threads have stopped, after which the caller may use the memory alone; `undefined` while
   * they run.
   */
  terminated(): Promise<void> | undefined;
  /** Sets the calls of each step for a batch size: one for each thread that has a share, the calling thread's first. */
  plan(images: number, calls: readonly (readonly KernelCall[])[]): void;
  /**
   * Runs a plan on all threads.
   *
   * @param steps the calling thread's part of each step.
   * @throws {ThreadsLostError} when another thread does not respond.
   */
  run(images: number, steps: readonly (() => void)[]): void;
  /** Removes the network from the other threads. */
  detach(): void;
}

/** The workers that compute networks together with the thread that started them. They end with it. */
export class ThreadPool {
  /** Number of threads, including the calling thread. */
  readonly size: number;
  readonly #workers: readonly Worker[];
  readonly #arrivals = new Int32Array(new SharedArrayBuffer(4));
  /** The value of {@link #arrivals} after the runs so far. */
  #expectedArrivals = 0;
  #networkCount = 0;
  #terminated: Promise<void> | undefined;

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    this.size = 1 + workers.length;
    for (const worker of workers) {
      worker.onerror = (event) => {
        event.preventDefault();
        this.#terminate();
      };
      worker.onmessageerror = () => this.#terminate();
    }
  }

  /** Resolves when the other threads have stopped; `undefined` while they run. */
  get terminated(): Promise<void> | undefined {
    return this.#terminated;
  }

  /**
   * Starts the threads.
   *
   * @param size number of threads, including the calling thread.
   * @param createWorker creates a worker named {@link threadWorkerName}, which calls {@link serveAsThread}.
   * @returns `undefined` if one does not start.
   */
  static async start(size: number, createWorker: () => Worker): Promise<ThreadPool | undefined> {
    const workers: Worker[] = [];
    try {
      while (workers.length < size - 1) workers.push(createWorker());
      await Promise.all(workers.map((worker) => firstMessage(worker, startTimeout)));
      return new ThreadPool(workers);
    } catch {
      for (const worker of workers) worker.terminate();
      return undefined;
    }
  }

  /** Adds a network to the threads: its kernels and its memory. */
  attach(module: WebAssembly.Module, memory: WebAssembly.Memory): ThreadGroup {
    const network = this.#networkCount++;
    const { size } = this;
    this.#broadcast({ type: 'attach', network, module, memory, arrivals: this.#arrivals, size });
    return {
      size,
      terminated: () => this.#terminated,
      plan: (images, calls) => this.#plan(network, images, calls),
      run: (images, steps) => this.#run(network, images, steps),
      detach: () => this.#broadcast({ type: 'detach', network }),
    };
  }

  #plan(network: number, images: number, calls: readonly (readonly KernelCall[])[]): void {
    this.#workers.forEach((worker, i) => {
      const ownCalls = calls.map((shares) => shares[i + 1]);
      worker.postMessage({ type: 'plan', network, images, calls: ownCalls } satisfies ThreadMessage);
    });
  }

  #run(network: number, images: number, steps: readonly (() => void)[]): void {
    const { size } = this;
    const arrivalsBefore = this.#expectedArrivals;
    this.#expectedArrivals = (arrivalsBefore + steps.length * size) | 0;
    this.#broadcast({ type: 'run', network, images, arrivalsBefore });
    try {
      steps.forEach((step, i) => {
        step();
        waitAtBarrier(this.#arrivals, arrivalsBefore + (i + 1) * size, maxSleeps);
      });
    } catch (error) {
      this.#terminate();
      throw error;
    }
  }

  /** Stops the other threads before the memory is used again: after an error they are at an unknown step. */
  #terminate(): void {
    if (this.#terminated) return;
    // terminate() is asynchronous. Until then the counter keeps the threads at their barrier.
    Atomics.sub(this.#arrivals, 0, unreachable);
    for (const worker of this.#workers) worker.terminate();
    this.#terminated = new Promise((resolve) => setTimeout(resolve, maxCallTime));
  }

  #broadcast(message: ThreadMessage): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }
}
