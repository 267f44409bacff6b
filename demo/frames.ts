/** Waits for the next frame that a video shows. @throws `signal.reason` on abort. */
export function nextFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const arrived = () => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    // Not every browser has it, whatever its type says; the screen's next frame is then near enough.
    if ('requestVideoFrameCallback' in HTMLVideoElement.prototype) video.requestVideoFrameCallback(arrived);
    else requestAnimationFrame(arrived);
  });
}

/** How many frames the figures are about: enough to be steady, few enough to be of now. */
const framesInView = 20;

/** Measures how fast frames are worked on. */
export class FrameMeter {
  #frames: { start: number; end: number }[] = [];

  /** Counts a frame that was worked on from `start` to `end`, in milliseconds. */
  add(start: number, end: number): void {
    this.#frames = [...this.#frames.slice(1 - framesInView), { start, end }];
  }

  /** Frames per second, waiting for the camera included; 0 until there are two. */
  get rate(): number {
    const [first, last] = [this.#frames[0], this.#frames.at(-1)];
    return first && last && last !== first ? ((this.#frames.length - 1) * 1000) / (last.end - first.end) : 0;
  }

  /** Milliseconds of work per frame. */
  get time(): number {
    return this.#frames.reduce((sum, { start, end }) => sum + end - start, 0) / this.#frames.length;
  }
}
