import { activeTimeout } from '../core/active-timeout.ts';
import { constructWorker } from './construct-worker.ts';
import { firstMessage } from './first-message.ts';
import type { Handshake } from './handshake.ts';

/** Thrown when no worker can be started here. The page can do the work itself. */
export class WorkerUnavailable extends Error {}

/** Thrown when a running worker died. */
export class WorkerDied extends Error {}

/** Timeout of each handshake message, in seconds. The first one waits for the worker's script, possibly over a slow network. */
const handshakeTimeout = 60;

/** A module worker that sends a handshake, and whose death is detected whatever the cause. */
export class SupervisedWorker<ToWorker, FromWorker extends { type: string }> {
  onMessage: (message: FromWorker) => void = () => {};
  /** Called once when the worker died; not after {@link terminate}. */
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #ended = new AbortController();
  readonly #cancelTimeout: () => void;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker | Handshake>) => {
      if (isLocked(data)) this.#watchLock(data.lock);
      else this.onMessage(data as FromWorker);
    };
    // After an uncaught error the worker's state is unknown, and a message that cannot be read leaves its call unanswered.
    worker.onerror = (event) => this.#die(event.message || 'it threw an error');
    worker.onmessageerror = () => this.#die('it sent a message that cannot be read');
    this.#cancelTimeout = activeTimeout(handshakeTimeout, () =>
      this.#die(`it held no lock after ${handshakeTimeout} seconds`),
    );
  }

  /**
   * Starts a worker and waits for its first message.
   *
   * @param make constructs the worker; bundlers look for the address there.
   * @throws {WorkerUnavailable} when none starts; `signal.reason` when aborted.
   */
  static async start<ToWorker, FromWorker extends { type: string }>(
    make: () => Worker,
    signal: AbortSignal | undefined,
  ): Promise<SupervisedWorker<ToWorker, FromWorker>> {
    // A worker already runs off the page, and Node has no page.
    if (typeof document === 'undefined') throw new WorkerUnavailable('this is no page');
    if (typeof Worker === 'undefined') throw new WorkerUnavailable('this browser has no workers');
    let worker: Worker | undefined;
    try {
      worker = constructWorker(make);
      await firstMessage(worker, handshakeTimeout, signal);
      return new SupervisedWorker(worker);
    } catch (cause) {
      worker?.terminate();
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerUnavailable(`no worker started (${reason})`, { cause });
    }
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Ends the worker immediately and frees everything that it holds. */
  terminate(): void {
    this.#cancelTimeout();
    this.#ended.abort();
    this.#worker.terminate();
  }

  /** The browser releases the lock of a worker that it killed, which is the only sign of it. */
  #watchLock(lock: string | undefined): void {
    this.#cancelTimeout();
    if (lock === undefined) return;
    navigator.locks
      .request(lock, { signal: this.#ended.signal }, () => this.#die('the browser ended it'))
      .catch(() => {});
  }

  #die(reason: string): void {
    if (this.#ended.signal.aborted) return;
    this.terminate();
    this.onDeath(new WorkerDied(reason));
  }
}

function isLocked(message: { type: string }): message is Extract<Handshake, { type: 'locked' }> {
  return message.type === 'locked';
}
