/** The maximum time without data before a download is aborted, in seconds. */
export const maxIdleTime = 30;

/** Aborts a download when its caller aborts, or when the server has sent no data for {@link maxIdleTime}. */
export class IdleTimeout {
  readonly #download = new AbortController();
  readonly #ended = new AbortController();
  readonly #timeoutError: () => Error;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param timeoutError creates the reason of {@link signal} after the timeout. */
  constructor(signal: AbortSignal | undefined, timeoutError: () => Error) {
    this.#timeoutError = timeoutError;
    signal?.addEventListener('abort', () => this.#download.abort(signal.reason), { signal: this.#ended.signal });
    if (signal?.aborted) this.#download.abort(signal.reason);
    this.restart();
  }

  /** Aborts with the caller's reason, or with the error of the timeout. */
  get signal(): AbortSignal {
    return this.#download.signal;
  }

  /** Restarts the timeout. Call it whenever data arrives. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#download.abort(this.#timeoutError()), 1000 * maxIdleTime);
  }

  /** Stops the timeout. Call it when the download has ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }
}
