import { SerialQueue } from '../core/serial-queue.ts';

/** How long the application waits at most to be told of a change, in milliseconds. A suspended tab can delay the read for longer. */
const maxDelay = 1000;

/**
 * Reads what other tabs have changed. Otherwise an idle tab would keep an outdated key with everything that it decrypted, and
 * would not know when a person's time passes that another tab has set.
 */
export class ChangeFollower {
  readonly #read: () => Promise<unknown>;
  readonly #reads = new SerialQueue();
  #stopped = false;

  /** @param read reads the current state, without counting as use. */
  constructor(read: () => Promise<unknown>) {
    this.#read = read;
  }

  /**
   * Reads the state after a change. A read that fails is ignored: the next call fails too, and reports it.
   *
   * @returns resolves when the state is read, or after a second.
   */
  follow(): Promise<void> {
    // One after another: the first one reads the changes of all messages that arrived before.
    const reading = this.#reads.run(async () => {
      if (!this.#stopped) await this.#read();
    });
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, maxDelay);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      reading.then(end, end);
    });
  }

  /** Reads nothing from now on. */
  stop(): void {
    this.#stopped = true;
  }
}
