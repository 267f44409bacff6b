import { FaceNetError } from '../core/errors.ts';

/** The maximum time without data before a download is aborted, in milliseconds. */
const maxIdleTime = 30_000;

/** A URL for messages. Its query may be a secret signature. */
export function withoutQuery({ href }: URL): string {
  return href.split('?')[0] as string;
}

/** Aborts a download when its caller aborts, or when the server has sent no data for {@link maxIdleTime}. */
export class IdleTimeout {
  readonly #download = new AbortController();
  readonly #ended = new AbortController();
  readonly #url: URL;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: URL, signal: AbortSignal | undefined) {
    this.#url = url;
    signal?.addEventListener('abort', () => this.#download.abort(signal.reason), { signal: this.#ended.signal });
    if (signal?.aborted) this.#download.abort(signal.reason);
    this.restart();
  }

  /** Aborts with the caller's reason, or with a {@link FaceNetError} `model-missing` after the timeout. */
  get signal(): AbortSignal {
    return this.#download.signal;
  }

  /** Restarts the timeout. Call it whenever data arrives. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `${withoutQuery(this.#url)} sent nothing for ${maxIdleTime / 1000} seconds: check the network and try again.`;
      this.#download.abort(new FaceNetError('model-missing', message));
    }, maxIdleTime);
  }

  /** Stops the timeout. Call it when the download has ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }
}
