import type { LandmarkedFace } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import type { FrameAnswer, FrameRequest } from '../pipeline/frame.ts';
import { Reidentification, type SamePerson } from './reidentification.ts';
import type { EmbeddingNeed, Track } from './track.ts';
import { maxPositionAge, TrackList } from './track-list.ts';

/** Options of {@link Tracker}. */
export interface TrackerOptions {
  limits: DetectionLimits;
  /** Whether faces can be followed by their landmarks. Otherwise they are detected in every frame. */
  follows: boolean;
  /** Whether the faces are looked up in a gallery. */
  identifies: boolean;
  samePerson: SamePerson;
}

/** How often new faces are detected, in milliseconds. */
const detectionInterval = 250;

/** Tracks the faces of a video: decides what to request of each frame, and updates the tracks from the answers. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #tracks = new TrackList();
  readonly #reidentification: Reidentification;
  /** The tracks of the current request, in its order. */
  #requested: Track[] = [];
  #lastDetection = Number.NEGATIVE_INFINITY;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#reidentification = new Reidentification(this.#tracks, options.samePerson);
  }

  /** The visible tracks that have an id, in the order of their ids. */
  get visible(): Track[] {
    return this.#tracks.visible
      .filter(({ id }) => id !== undefined)
      .sort((a, b) => (a.id as number) - (b.id as number));
  }

  /** Builds the request for the frame at this time, in milliseconds: at most one embedding, so that no frame takes long. */
  request(now: number): FrameRequest {
    const { limits, follows, identifies } = this.#options;
    this.#requested = this.#tracks.visible;
    for (const track of this.#requested) {
      // The page was hidden since the last frame, or the camera paused.
      if (now - track.lastSeen > maxPositionAge) track.uncertain = true;
    }
    const target = mostNeeded(this.#requested, now, identifies);
    target?.track.markRequested(now);
    const known = this.#requested.map((track) => ({
      landmarks: track.face.landmarks,
      embedAbove: track === target?.track ? target.embedAbove : Number.POSITIVE_INFINITY,
    }));
    const maxNewFaces = limits.maxFaces - this.#requested.length;
    if (follows && (maxNewFaces < 1 || now - this.#lastDetection < detectionInterval)) return { known };
    this.#lastDetection = now;
    return { known, search: { ...limits, maxFaces: follows ? maxNewFaces : limits.maxFaces } };
  }

  /** Updates the tracks from the answer to the last request. */
  update({ known, found }: FrameAnswer, now: number): void {
    for (const [i, track] of this.#requested.entries()) {
      const face = known[i];
      if (!face) this.#hide(track);
      else {
        track.moveTo(face, now);
        if ('embedding' in face) this.#reidentification.assign(track, face);
      }
    }
    this.#tracks.resolveOverlaps();
    for (const face of found) this.#appear(face, now);
    this.#tracks.removeExpired(now);
    this.#tracks.assignIds();
  }

  /** Hides a track, or removes it if it never had an id. */
  #hide(track: Track): void {
    track.visible = false;
    if (track.id === undefined) this.#tracks.remove(track);
    // Detect in the next frame: a face that is hidden for a moment is then found again soon.
    this.#lastDetection = Number.NEGATIVE_INFINITY;
  }

  /** Continues the track that was hidden at this place a moment ago, or starts a new one. */
  #appear(face: LandmarkedFace, now: number): void {
    const hidden = this.#tracks.recentlyHiddenAt(face.box, now);
    if (hidden) {
      hidden.moveTo(face, now);
      hidden.uncertain = true;
    } else this.#tracks.add(face, now);
  }
}

/** The track with the highest need of an embedding; of several the one with the fewest samples. */
function mostNeeded(
  tracks: readonly Track[],
  now: number,
  identifies: boolean,
): (EmbeddingNeed & { track: Track }) | undefined {
  return tracks
    .flatMap((track) => {
      const need = track.embeddingNeed(now, identifies);
      return need ? [{ track, ...need }] : [];
    })
    .sort((a, b) => b.priority - a.priority || a.track.samples.length - b.track.samples.length)[0];
}
