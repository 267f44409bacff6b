/** The events after which a video may show another scene, or the same one in another size. */
const events = ['seeked', 'emptied', 'loadstart', 'resize'] as const;

/** Detects that a video was seeked, or that its source or its video track was replaced. */
export class Discontinuities {
  readonly #video: HTMLVideoElement;
  readonly #listeners = new AbortController();
  #occurred = false;
  #source: MediaProvider | null;
  #track: string | undefined;

  /** Listens to the video until {@link stop}. */
  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#source = video.srcObject;
    this.#track = videoTrackOf(this.#source);
    for (const event of events) {
      video.addEventListener(
        event,
        () => {
          this.#occurred = true;
        },
        { signal: this.#listeners.signal },
      );
    }
  }

  /** Whether there was a discontinuity since the last call. */
  take(): boolean {
    const source = this.#video.srcObject;
    const track = videoTrackOf(source);
    const occurred = this.#occurred || source !== this.#source || track !== this.#track;
    this.#occurred = false;
    this.#source = source;
    this.#track = track;
    return occurred;
  }

  /** Removes all listeners. */
  stop(): void {
    this.#listeners.abort();
  }
}

/** The id of a stream's first video track, which the video element shows. */
function videoTrackOf(source: MediaProvider | null): string | undefined {
  return source && 'getVideoTracks' in source ? source.getVideoTracks()[0]?.id : undefined;
}
