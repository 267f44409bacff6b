import { FaceNetError } from '../core/errors.ts';

/** How long a server may keep silent before a download is given up, in milliseconds. */
const longestSilence = 30_000;

/** Gives a download up when its caller does, or when nothing has come for too long. */
export class Patience {
  readonly #download = new AbortController();
  readonly #over = new AbortController();
  readonly #url: URL;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: URL, signal: AbortSignal | undefined) {
    this.#url = url;
    signal?.addEventListener('abort', () => this.#download.abort(signal.reason), { signal: this.#over.signal });
    if (signal?.aborted) this.#download.abort(signal.reason);
    this.heard();
  }

  /** Aborts with the caller's reason, or with a {@link FaceNetError} `model-missing` when the server keeps silent. */
  get signal(): AbortSignal {
    return this.#download.signal;
  }

  /** Something came: the silence begins anew. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `${this.#url} sent nothing for ${longestSilence / 1000} seconds: check the network, and try again.`;
      this.#download.abort(new FaceNetError('model-missing', message));
    }, longestSilence);
  }

  /** The download has ended, however it did. */
  end(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }
}
