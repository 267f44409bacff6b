/** The state of a video track. */
export interface Track {
  readyState: 'live' | 'ended';
  muted: boolean;
}

/** A video of which a test sets the state. */
export class FakeVideo extends EventTarget {
  readonly HAVE_CURRENT_DATA = 2;
  readonly NETWORK_EMPTY = 0;
  readyState = 0;
  networkState = 2;
  videoWidth = 0;
  videoHeight = 0;
  paused = false;
  ended = false;
  error: MediaError | null = null;
  srcObject: { getVideoTracks(): Track[] } | null = null;
  #callback: (() => void) | undefined;

  requestVideoFrameCallback(callback: () => void): number {
    this.#callback = callback;
    return 1;
  }

  cancelVideoFrameCallback(): void {
    this.#callback = undefined;
  }

  /** The video as the library takes it. */
  get element(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }

  /** Shows the next frame. */
  present(): void {
    Object.assign(this, { readyState: 4, videoWidth: 640, videoHeight: 480 });
    this.#callback?.();
  }
}
