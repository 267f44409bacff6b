import { countdown } from '../runtime/countdown.ts';
import { firstWord } from '../runtime/first-word.ts';
import type { Greeting } from './greeting.ts';
import { trusted } from './trusted-types.ts';

/** Why no worker could be started here; the page can still do the work itself. */
export class WorkerUnavailable extends Error {}

/** That a worker which had started is gone. */
export class WorkerDied extends Error {}

/** How long each of a worker's greetings may take, in seconds; the first waits for its script, over the slowest network. */
const longestGreeting = 60;

/** A module worker that greets as greeting.ts does, and of whose death the page is told, whatever it dies of. */
export class SupervisedWorker<ToWorker, FromWorker extends { type: string }> {
  onMessage: (message: FromWorker) => void = () => {};
  /** Told once, unless it was the page that ended it. */
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #over = new AbortController();
  readonly #endCountdown: () => void;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker | Greeting>) => {
      if (isHeld(data)) this.#watch(data.lock);
      else this.onMessage(data as FromWorker);
    };
    // What it throws unasked leaves it in an unknown state, and what cannot be read will never be answered.
    worker.onerror = (event) => this.#die(event.message || 'it threw an error');
    worker.onmessageerror = () => this.#die('it sent what cannot be read');
    this.#endCountdown = countdown(longestGreeting, () =>
      this.#die(`it held no lock after ${longestGreeting} seconds`),
    );
  }

  /**
   * Starts a worker, and waits for its first word.
   *
   * @param make makes it; its address must stand there, where bundlers look for it.
   * @throws {WorkerUnavailable} when none starts; `signal.reason` when aborted.
   */
  static async start<ToWorker, FromWorker extends { type: string }>(
    make: () => Worker,
    signal: AbortSignal | undefined,
  ): Promise<SupervisedWorker<ToWorker, FromWorker>> {
    // A worker needs no further pipeline, and there is none in Node.
    if (typeof document === 'undefined') throw new WorkerUnavailable('this is no page');
    if (typeof Worker === 'undefined') throw new WorkerUnavailable('this browser has no workers');
    let worker: Worker | undefined;
    try {
      worker = trusted(make);
      await firstWord(worker, longestGreeting, signal);
      return new SupervisedWorker(worker);
    } catch (cause) {
      worker?.terminate();
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerUnavailable(`no worker started (${reason})`, { cause });
    }
  }

  tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Ends it at once, and with it everything that it holds. */
  end(): void {
    this.#endCountdown();
    this.#over.abort();
    this.#worker.terminate();
  }

  /** No event tells of a worker that the browser has killed, but the lock that it held is free then. */
  #watch(lock: string | undefined): void {
    this.#endCountdown();
    if (lock === undefined) return;
    navigator.locks
      .request(lock, { signal: this.#over.signal }, () => this.#die('the browser ended it'))
      .catch(() => {});
  }

  #die(reason: string): void {
    if (this.#over.signal.aborted) return;
    this.end();
    this.onDeath(new WorkerDied(reason));
  }
}

function isHeld(message: { type: string }): message is Extract<Greeting, { type: 'held' }> {
  return message.type === 'held';
}
