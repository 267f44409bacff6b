import type { DetectionLimits } from '../detection/detect.ts';
import type { FollowedFace, FrameAnswer, FrameRequest } from '../pipeline/frame.ts';
import { associate } from './association.ts';
import { confirmationPriority, type EmbeddingNeed, verificationInterval } from './embedding-need.ts';
import { movedLandmarks } from './motion.ts';
import { Reidentification } from './reidentification.ts';
import type { SamePerson } from './same-person.ts';
import type { Track, TrackSample } from './track.ts';
import { maxPositionAge, TrackList } from './track-list.ts';
import { VerificationBudget } from './verification-budget.ts';

/** Options of {@link Tracker}. */
export interface TrackerOptions {
  limits: DetectionLimits;
  /** Whether faces can be followed by their landmarks. Otherwise they are detected in every frame. */
  follows: boolean;
  /** Whether the faces are looked up in a gallery. */
  identifies: boolean;
  samePerson: SamePerson;
}

/** How often new faces are detected, in milliseconds: more often while a face was lost a moment ago. */
const detectionInterval = { usual: 250, lost: 120 };

/** The time between two frames in which a face may move too far to be followed by its landmarks, in milliseconds. */
const maxFollowInterval = 160;

/** The maximum number of embeddings of a frame, besides the others, that confirm samples that do not match. */
const maxConfirmations = 3;

/** Tracks the faces of a video: decides what to request of each frame, and updates the tracks from the answers. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #tracks = new TrackList();
  readonly #reidentification: Reidentification;
  readonly #budget = new VerificationBudget();
  /** The tracks of the current request, in its order. */
  #requested: Track[] = [];
  #lastDetection = Number.NEGATIVE_INFINITY;
  #lastFrame = Number.NEGATIVE_INFINITY;
  /** The time of the last frame that was requested. Its request may have failed, so that it has no answer. */
  #lastRequest = Number.NEGATIVE_INFINITY;
  /** When the answer to the last frame came, and the time of it that detection took, in milliseconds. */
  #lastAnswer = Number.NEGATIVE_INFINITY;
  #detectionTime = 0;

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

  /**
   * Builds the request for the frame at this time, in milliseconds. The number of embeddings is limited, so that no frame takes long:
   * one, or as many as verify each track in time at this frame rate.
   */
  request(now: number): FrameRequest {
    const { limits, follows, identifies } = this.#options;
    this.#requested = this.#tracks.visible;
    for (const track of this.#requested) {
      // The page was hidden since the last frame, or the camera paused.
      if (now - track.lastSeen > maxPositionAge) track.uncertain = track.continuity.broken = true;
    }
    const idleSince = Math.max(this.#lastRequest, this.#lastAnswer);
    this.#budget.add(now - this.#lastRequest, now - idleSince, this.#requested.length);
    this.#lastRequest = now;
    const needs = this.#mostNeeded(now, identifies);
    const known = this.#requested.map((track) => {
      const { embedAbove, verify } = needs.get(track) ?? { embedAbove: Number.POSITIVE_INFINITY, verify: false };
      const { signature, maxChange } = track.continuity;
      const shift = track.motion.shiftAfter(now - track.lastSeen, track.face);
      return { landmarks: movedLandmarks(track.face.landmarks, shift), embedAbove, verify, signature, maxChange };
    });
    const maxNewFaces = limits.maxFaces - this.#requested.length;
    const redetect = !follows || this.#expectedInterval(now) >= maxFollowInterval;
    const interval = this.#tracks.recentlyHidden(now).length > 0 ? detectionInterval.lost : detectionInterval.usual;
    const isDue = redetect || (maxNewFaces > 0 && now - this.#lastDetection >= interval);
    if (!isDue) return { known, searchWhenLost: limits };
    return { known, redetect, search: { ...limits, maxFaces: redetect ? limits.maxFaces : maxNewFaces } };
  }

  /**
   * Handles evidence that the video now shows another picture: a seek, or a new source. The positions of the faces are void. Each face
   * is detected anew, and gets its id back if its embedding matches.
   */
  restart(): void {
    for (const track of this.#tracks.visible) this.#hide(track);
    this.#tracks.voidPositions();
    this.#lastDetection = Number.NEGATIVE_INFINITY;
  }

  /**
   * Updates the tracks from the answer to the last request.
   *
   * @param now the time of the frame.
   * @param answered when the answer came.
   */
  update({ known, found, searched, width, height, elapsed }: FrameAnswer, now: number, answered = now): void {
    const samples: TrackSample[] = [];
    for (const [i, track] of this.#requested.entries()) {
      const face = known[i];
      if (!face) this.#hide(track);
      else {
        track.follow(face, now);
        if (track.continuity.add(face)) track.uncertain = true;
        if ('embedding' in face) samples.push(face);
      }
    }
    // An embedding of all crops takes longer.
    if (samples.every(({ oneCrop }) => oneCrop)) this.#budget.record(samples.length, elapsed.embedding ?? 0);
    for (const sample of samples) {
      // An earlier sample may have moved this face to another track.
      const track = this.#tracks.visible.find(({ face }) => face === sample);
      if (track) this.#reidentification.assign(track, sample);
    }
    this.#tracks.resolveOverlaps();
    if (searched) this.#lastDetection = now;
    this.#appear(found.slice(0, this.#options.limits.maxFaces - this.#tracks.visible.length), now);
    this.#tracks.removeExpired(now, now - this.#lastFrame);
    this.#tracks.assignIds({ width, height }, now);
    this.#lastFrame = now;
    this.#lastAnswer = answered;
    this.#detectionTime = Math.min(elapsed.detection ?? 0, answered - now);
  }

  /**
   * The time since the last frame, without that of detection if detection delayed this frame: slow detection would otherwise cause the
   * next one. A video whose frames come slowly is not delayed by it.
   */
  #expectedInterval(now: number): number {
    const isDelayed = now - this.#lastAnswer < this.#detectionTime;
    return now - this.#lastFrame - (isDelayed ? this.#detectionTime : 0);
  }

  /** The tracks with the highest needs of an embedding, and their needs; of equal ones those that waited longest. */
  #mostNeeded(now: number, identifies: boolean): Map<Track, EmbeddingNeed> {
    const waiting = this.#requested.flatMap((track) => {
      const need = track.embeddingNeed(now, identifies);
      return need ? [{ track, need }] : [];
    });
    const sorted = waiting.sort(
      (a, b) => b.need.priority - a.need.priority || a.track.lastRequested - b.track.lastRequested,
    );
    const confirmations = sorted.filter(({ need }) => need.priority === confirmationPriority).length;
    const limit = maxEmbeddings(this.#requested.length, now - this.#lastFrame);
    const candidates = sorted.slice(0, Math.min(confirmations, maxConfirmations) + limit);
    const chosen = candidates.filter(({ need }) => !need.verify || this.#budget.take());
    for (const { track } of chosen) track.markRequested(now);
    return new Map(chosen.map(({ track, need }) => [track, need]));
  }

  /** Hides a track, or removes it if it never had an id. */
  #hide(track: Track): void {
    track.visible = false;
    if (track.id === undefined && track.samples.length === 0) this.#tracks.remove(track);
    // Detect in the next frame: a face that is hidden for a moment is then found again soon.
    this.#lastDetection = Number.NEGATIVE_INFINITY;
  }

  /** Continues the tracks that were lost a moment ago, or starts new ones. */
  #appear(faces: readonly FollowedFace[], now: number): void {
    const continued = associate(faces, this.#tracks.recentlyHidden(now), now);
    for (const face of faces) {
      const track = continued.get(face);
      if (track) {
        track.follow(face, now);
        track.continuity.resume(face);
        track.uncertain = true;
      } else this.#tracks.add(face, now);
    }
  }
}

/**
 * The number of embeddings of a frame that verifies each track in time: within {@link verificationInterval}, or within two frames if
 * they are longer.
 *
 * @param frameInterval the time since the last frame, in milliseconds.
 */
function maxEmbeddings(tracks: number, frameInterval: number): number {
  return Math.max(1, Math.ceil(tracks * Math.min(frameInterval / verificationInterval, 1 / 2)));
}
