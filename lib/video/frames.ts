import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/**
 * How often a camera stream is checked, in milliseconds. Neither the tracks nor the video fire an event when the page itself stops the
 * tracks.
 */
const streamCheckInterval = 500;

/** Waits for the frames of a video. Frames that arrive while nothing waits are skipped: there is no queue. */
export class VideoFrames {
  readonly #video: HTMLVideoElement;
  readonly #listeners = new AbortController();
  /** Whether a frame has been presented since the last one was returned. A paused video shows a frame but fires no event for it. */
  #isNew = true;
  #ended = false;
  #error: FaceNetError | undefined;
  #wake: (() => void) | undefined;

  /**
   * Listens to the video until {@link stop}.
   *
   * @param disposed ends the wait for a frame, which a paused or hidden video never shows. Its reason is an error.
   */
  constructor(video: HTMLVideoElement, disposed: AbortSignal) {
    this.#video = video;
    const { signal } = this.#listeners;
    disposed.addEventListener('abort', () => this.#fail(disposed.reason), { signal });
    if (disposed.aborted) this.#fail(disposed.reason);
    video.addEventListener('ended', () => this.#onEnded(), { signal });
    video.addEventListener('error', () => this.#onError(), { signal });
    video.addEventListener('seeked', () => this.#onFrame(), { signal });
    if (video.ended) this.#onEnded();
    if (video.error) this.#onError();
    const timer = setInterval(() => isStopped(video.srcObject) && this.#onEnded(), streamCheckInterval);
    signal.addEventListener('abort', () => clearInterval(timer));
    if ('requestVideoFrameCallback' in video) this.#observePresentedFrames();
    else this.#pollCurrentTime();
  }

  /**
   * Waits until the video shows a frame that was not returned before. Of several new frames the newest counts.
   *
   * @returns false when the video has ended.
   * @throws {FaceNetError} `image-unreadable` when the video cannot be played; the reason of `disposed`; `signal.reason` when
   *   aborted.
   */
  async next(signal?: AbortSignal): Promise<boolean> {
    while (!this.#hasFrame() && !this.#ended && !this.#error) {
      await abortable(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        signal,
      );
    }
    signal?.throwIfAborted();
    if (this.#error) throw this.#error;
    const hasFrame = this.#hasFrame();
    this.#isNew = false;
    return hasFrame;
  }

  /** Removes all listeners and timers. */
  stop(): void {
    this.#listeners.abort();
  }

  #observePresentedFrames(): void {
    const { signal } = this.#listeners;
    const onFrame = () => {
      if (signal.aborted) return;
      this.#onFrame();
      handle = this.#video.requestVideoFrameCallback(onFrame);
    };
    let handle = this.#video.requestVideoFrameCallback(onFrame);
    signal.addEventListener('abort', () => this.#video.cancelVideoFrameCallback(handle));
  }

  /** Compares the video's time before each repaint, for browsers without `requestVideoFrameCallback`. */
  #pollCurrentTime(): void {
    let lastTime = this.#video.currentTime;
    const onRepaint = () => {
      if (this.#listeners.signal.aborted) return;
      const { currentTime, readyState, HAVE_CURRENT_DATA } = this.#video;
      if (currentTime !== lastTime && readyState >= HAVE_CURRENT_DATA) this.#onFrame();
      lastTime = currentTime;
      requestAnimationFrame(onRepaint);
    };
    requestAnimationFrame(onRepaint);
  }

  /** Whether a new frame can be read. A video whose source was just replaced, or that has only sound yet, has none. */
  #hasFrame(): boolean {
    const { readyState, HAVE_CURRENT_DATA, videoWidth } = this.#video;
    return this.#isNew && readyState >= HAVE_CURRENT_DATA && videoWidth > 0;
  }

  #onFrame(): void {
    this.#isNew = true;
    this.#wake?.();
  }

  #onEnded(): void {
    this.#ended = true;
    this.#wake?.();
  }

  #onError(): void {
    const { error } = this.#video;
    this.#fail(
      new FaceNetError(
        'image-unreadable',
        `The video cannot be played (${error?.message || `code ${error?.code}`}): check its address and its format.`,
      ),
    );
  }

  #fail(error: FaceNetError): void {
    this.#error = error;
    this.#wake?.();
  }
}

/** Whether a source is a media stream whose tracks have all ended. */
function isStopped(source: MediaProvider | null): boolean {
  return source !== null && 'active' in source && !source.active;
}
