import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';

/**
 * How often a camera's stream is looked at, in milliseconds: when the page stops its tracks, neither the tracks nor the video
 * tell of it.
 */
const lookAtStreamEvery = 500;

/** Tells of the frames that a video shows. Frames that nobody waits for are passed over: there is never a queue. */
export class VideoFrames {
  readonly #video: HTMLVideoElement;
  readonly #listeners = new AbortController();
  #fresh: boolean;
  #over = false;
  #failed: FaceNetError | undefined;
  #wake: (() => void) | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    // A paused video shows a frame too, and no event tells of it.
    this.#fresh = true;
    const { signal } = this.#listeners;
    video.addEventListener('ended', () => this.#end(), { signal });
    video.addEventListener('error', () => this.#fail(), { signal });
    video.addEventListener('seeked', () => this.#show(), { signal });
    if (video.ended) this.#end();
    if (video.error) this.#fail();
    const looking = setInterval(() => hasStopped(video.srcObject) && this.#end(), lookAtStreamEvery);
    signal.addEventListener('abort', () => clearInterval(looking));
    this.#watch();
  }

  /**
   * Waits for a frame that was not returned before; the newest when there were several.
   *
   * @returns false when the video has ended.
   * @throws {FaceNetError} `image-unreadable` when it cannot be played.
   */
  async next(signal?: AbortSignal): Promise<boolean> {
    while (!this.#hasFrame() && !this.#over && !this.#failed) {
      await abortable(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        signal,
      );
    }
    signal?.throwIfAborted();
    if (this.#failed) throw this.#failed;
    const shown = this.#hasFrame();
    this.#fresh = false;
    return shown;
  }

  /** Lets go of the video. */
  stop(): void {
    this.#listeners.abort();
  }

  /** Has itself told of each frame: by the video where the browser can, else by looking before each of the screen's. */
  #watch(): void {
    const video = this.#video;
    const { signal } = this.#listeners;
    if ('requestVideoFrameCallback' in video) {
      const onFrame = () => {
        if (signal.aborted) return;
        this.#show();
        handle = video.requestVideoFrameCallback(onFrame);
      };
      let handle = video.requestVideoFrameCallback(onFrame);
      signal.addEventListener('abort', () => video.cancelVideoFrameCallback(handle));
    } else {
      let seen = (video as HTMLVideoElement).currentTime;
      const onScreen = () => {
        if (signal.aborted) return;
        const { currentTime, readyState, HAVE_CURRENT_DATA } = video as HTMLVideoElement;
        if (currentTime !== seen && readyState >= HAVE_CURRENT_DATA) this.#show();
        seen = currentTime;
        requestAnimationFrame(onScreen);
      };
      requestAnimationFrame(onScreen);
    }
  }

  /** Whether there is a frame that was not returned yet; a video whose source was changed has none for a while. */
  #hasFrame(): boolean {
    return this.#fresh && this.#video.readyState >= this.#video.HAVE_CURRENT_DATA;
  }

  #show(): void {
    this.#fresh = true;
    this.#wake?.();
  }

  #end(): void {
    this.#over = true;
    this.#wake?.();
  }

  #fail(): void {
    const { error } = this.#video;
    this.#failed = new FaceNetError(
      'image-unreadable',
      `The video cannot be played (${error?.message || `code ${error?.code}`}): check its address and its format.`,
    );
    this.#wake?.();
  }
}

/** Whether a video plays a stream of which no track is left. */
function hasStopped(source: MediaProvider | null): boolean {
  return source !== null && 'active' in source && !source.active;
}
