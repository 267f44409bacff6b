/** The time without an answer after which a request counts as blocked, in milliseconds. */
const maxSilence = 5000;

/**
 * Calls back once if a request is blocked: the browser says so, or is silent for five seconds. The browser waits for the
 * answer of a suspended tab without saying so.
 */
export class BlockedNotice {
  readonly #onBlocked: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onBlocked: (() => void) | undefined) {
    this.#onBlocked = onBlocked;
    this.#timer = setTimeout(() => this.tell(), maxSilence);
  }

  /** Call it when the browser reports that the request is blocked. */
  tell(): void {
    if (this.#timer === undefined) return;
    this.end();
    this.#onBlocked?.();
  }

  /** Call it when the request is no longer waiting. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The callback for an operation of several requests, each of which can be blocked: it is called for the first of them. */
export function calledOnce(onBlocked: (() => void) | undefined): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    onBlocked?.();
  };
}
