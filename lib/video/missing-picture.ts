/**
 * How often a video is checked, in milliseconds. Neither the tracks nor the video fire an event when the page itself stops the
 * tracks, and none reports that no frame arrives.
 */
export const checkInterval = 100;

/**
 * How many checks in a row must find a cause before it is reported. Checks are counted instead of time, so that a page that was
 * frozen or busy reports nothing of its own pause.
 */
const minChecks = {
  /** A page that switches cameras quickly shows no notice. */
  noSource: 3,
  /** Chromium mutes a track for moments in which its camera sends few frames. */
  muted: 10,
  /** A video whose picture does not change may send no frame for a second. */
  noFrame: 30,
};

/** Why a video shows no new picture, by severity. */
const causes = { none: 0, noFrame: 1, noSource: 2 } as const;

/** Decides when it is reported that a video shows no new picture: once for each wait, and once more if the source is lost meanwhile. */
export class MissingPicture {
  readonly #failed = { noSource: 0, muted: 0, noFrame: 0 };
  #reported: number = causes.none;

  /** Checks the video, every {@link checkInterval}. */
  check(video: HTMLVideoElement): void {
    const failed = this.#failed;
    failed.noSource = hasNoSource(video) ? failed.noSource + 1 : 0;
    failed.muted = isMuted(video) ? failed.muted + 1 : 0;
    failed.noFrame = isStill(video) ? 0 : failed.noFrame + 1;
  }

  /** Handles a frame that the video presents. */
  onFrame(): void {
    Object.assign(this.#failed, { muted: 0, noFrame: 0 });
  }

  /** Handles a frame that is processed: the wait is over. */
  onRead(): void {
    this.#failed.noSource = 0;
    this.onFrame();
    this.#reported = causes.none;
  }

  /** Whether a report is due. */
  get isDue(): boolean {
    return this.#cause > this.#reported;
  }

  /** Whether a report was due. It is not due again. */
  takeReport(): boolean {
    const { isDue } = this;
    if (isDue) this.#reported = this.#cause;
    return isDue;
  }

  get #cause(): number {
    const { noSource, muted, noFrame } = this.#failed;
    if (noSource >= minChecks.noSource) return causes.noSource;
    return muted >= minChecks.muted || noFrame >= minChecks.noFrame ? causes.noFrame : causes.none;
  }
}

/** Whether a video plays a stream. It has no end: the page or the camera may go on with it. */
export function isStream(source: MediaProvider | null): source is MediaStream {
  return source !== null && 'getVideoTracks' in source;
}

/** Whether a video has no source, or a stream without a live video track. */
export function hasNoSource({ srcObject, networkState, NETWORK_EMPTY }: HTMLVideoElement): boolean {
  if (!isStream(srcObject)) return networkState === NETWORK_EMPTY;
  return liveTracks(srcObject).length === 0;
}

/** Whether the browser or the system keeps back the frames of all live video tracks. */
function isMuted({ srcObject }: HTMLVideoElement): boolean {
  if (!isStream(srcObject)) return false;
  const tracks = liveTracks(srcObject);
  return tracks.length > 0 && tracks.every(({ muted }) => muted);
}

/** Whether a film is paused at a picture, which stays valid. A stream goes on while its video is paused. */
function isStill({ srcObject, paused, readyState, HAVE_CURRENT_DATA, videoWidth }: HTMLVideoElement): boolean {
  return paused && !isStream(srcObject) && readyState >= HAVE_CURRENT_DATA && videoWidth > 0;
}

function liveTracks(stream: MediaStream): MediaStreamTrack[] {
  return stream.getVideoTracks().filter(({ readyState }) => readyState === 'live');
}
