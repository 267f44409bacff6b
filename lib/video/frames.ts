import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/**
 * How often the source of a video is checked, in milliseconds. Neither the tracks nor the video fire an event when the page itself
 * stops the tracks.
 */
const sourceCheckInterval = 100;

/** How many checks in a row must find no source before the wait is reported: a page that switches cameras quickly shows no notice. */
const minFailedChecks = 3;

/**
 * What {@link VideoFrames.next} reports: a new frame, that the video has no source or a stream without a live video track, or the end
 * of the video.
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
  /** How many checks in a row found no source. */
  #failedChecks = 0;
  /** Whether the present wait for a source was reported. */
  #reportedWaiting = false;
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
    const timer = setInterval(() => this.#checkSource(), sourceCheckInterval);
    signal.addEventListener('abort', () => clearInterval(timer));
    if ('requestVideoFrameCallback' in video) this.#observePresentedFrames();
    else this.#pollCurrentTime();
    if (video.ended) this.#onEnded();
    if (video.error) this.#onError();
    if (disposed.aborted) this.#fail(disposed.reason);
  }

  /**
   * Waits until the video shows a frame that was not returned before, of several new frames the newest, or until it has no source.
   * Each loss of the source is reported once.
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
      this.#failedChecks = 0;
      this.#reportedWaiting = false;
      return 'frame';
    }
    if (this.#ended) return 'ended';
    if (this.#failedChecks < minFailedChecks || this.#reportedWaiting) return undefined;
    this.#reportedWaiting = true;
    return 'waiting';
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

  #checkSource(): void {
    this.#failedChecks = hasNoSource(this.#video) ? this.#failedChecks + 1 : 0;
    // A frame may be presented before the video reports its data or its size, which is seen here.
    if (this.#failedChecks === minFailedChecks || this.#hasFrame()) this.#wake?.();
  }

  #onFrame(): void {
    this.#isNew = true;
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

/** Whether a video has no source, or a stream without a live video track. */
function hasNoSource({ srcObject, networkState, NETWORK_EMPTY }: HTMLVideoElement): boolean {
  if (!isStream(srcObject)) return networkState === NETWORK_EMPTY;
  return !srcObject.getVideoTracks().some(({ readyState }) => readyState === 'live');
}

function isStream(source: MediaProvider | null): source is MediaStream {
  return source !== null && 'getVideoTracks' in source;
}
