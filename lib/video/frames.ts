import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { checkInterval, hasNoSource, isStream, MissingPicture } from './missing-picture.ts';

/**
 * What {@link VideoFrames.next} reports: a new frame, that the video shows no new picture (see {@link MissingPicture}), or the end of
 * the video.
 */
export type VideoEvent = 'frame' | 'waiting' | 'ended';

/** What ends the waits of {@link VideoFrames} early. */
export interface VideoFramesSignals {
  /** Ends with an error, the reason of the signal. */
  disposed: AbortSignal;
  /** Ends like the end of the video. */
  left: AbortSignal;
}

/** Waits for the frames of a video. Frames that arrive while nothing waits are skipped: there is no queue. */
export class VideoFrames {
  readonly #video: HTMLVideoElement;
  readonly #listeners = new AbortController();
  /** Whether a frame has been presented since the last one was returned. A paused video shows a frame but fires no event for it. */
  #isNew = true;
  readonly #missing = new MissingPicture();
  #ended = false;
  #error: FaceNetError | undefined;
  #wake: (() => void) | undefined;

  /** Listens to the video until {@link stop}, the end or an error. */
  constructor(video: HTMLVideoElement, { disposed, left }: VideoFramesSignals) {
    this.#video = video;
    const { signal } = this.#listeners;
    disposed.addEventListener('abort', () => this.#fail(disposed.reason), { signal });
    left.addEventListener('abort', () => this.#end(), { signal });
    video.addEventListener('ended', () => this.#onEnded(), { signal });
    video.addEventListener('error', () => this.#onError(), { signal });
    video.addEventListener('seeked', () => this.#onFrame(), { signal });
    const timer = setInterval(() => this.#check(), checkInterval);
    signal.addEventListener('abort', () => clearInterval(timer));
    if ('requestVideoFrameCallback' in video) this.#observePresentedFrames();
    else this.#pollCurrentTime();
    if (video.ended) this.#onEnded();
    if (video.error) this.#onError();
    if (disposed.aborted) this.#fail(disposed.reason);
  }

  /**
   * Waits until the video shows a frame that was not returned before, of several new frames the newest, or until {@link MissingPicture}
   * reports that it shows none.
   *
   * @throws {FaceNetError} `image-unreadable` when the video cannot be played; the reason of `disposed`; `signal.reason` when
   *   aborted.
   */
  async next(signal?: AbortSignal): Promise<VideoEvent> {
    signal?.throwIfAborted();
    for (;;) {
      const event = this.#takeEvent();
      if (event) return event;
      await abortable(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        signal,
      );
    }
  }

  /** Removes all listeners and timers. */
  stop(): void {
    this.#listeners.abort();
  }

  #takeEvent(): VideoEvent | undefined {
    if (this.#error) throw this.#error;
    if (this.#hasFrame()) {
      this.#isNew = false;
      this.#missing.onRead();
      return 'frame';
    }
    if (this.#ended) return 'ended';
    return this.#missing.takeReport() ? 'waiting' : undefined;
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
    return this.#isNew && readyState >= HAVE_CURRENT_DATA && videoWidth > 0 && !hasNoSource(this.#video);
  }

  #check(): void {
    this.#missing.check(this.#video);
    // A frame may be presented before the video reports its data or its size, which is seen here.
    if (this.#missing.isDue || this.#hasFrame()) this.#wake?.();
  }

  #onFrame(): void {
    this.#isNew = true;
    this.#missing.onFrame();
    this.#wake?.();
  }

  #onEnded(): void {
    // Some browsers fire "ended" when the tracks of a stream stop. The page may set another stream.
    if (!isStream(this.#video.srcObject)) this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.stop();
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
    this.stop();
    this.#wake?.();
  }
}
