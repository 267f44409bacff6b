import { abortable } from '../core/cancellation.ts';

/** How long no request must have been pending for a pipeline to be idle, in milliseconds. */
const idleTime = 500;

/** Counts pending requests, and lets work wait until there have been none for a while. */
export class IdleCounter {
  #pending = 0;
  #lastEnd = performance.now();

  /** Counts a request. @returns a function to call when it has ended. */
  begin(): () => void {
    this.#pending++;
    return () => {
      this.#pending--;
      this.#lastEnd = performance.now();
    };
  }

  /** Resolves when no request has been pending for {@link idleTime}. @throws `signal.reason` when aborted. */
  async idle(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (;;) {
      const remaining = this.#pending > 0 ? idleTime : this.#lastEnd + idleTime - performance.now();
      if (remaining <= 0) return;
      await abortable(new Promise((resolve) => setTimeout(resolve, remaining)), signal);
    }
  }
}
