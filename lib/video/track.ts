import type { LandmarkedFace } from '../core/types.ts';
import type { Candidate } from '../gallery/types.ts';
import type { Sample } from '../pipeline/frame.ts';
import { type FusedTemplate, fuseSamples } from './fused-template.ts';
import { decideIdentity, type Identity } from './identity-votes.ts';

/** A face of one frame with its embedding and, with a gallery, its match. */
export interface TrackSample extends Sample {
  /** The time of the last identification, in milliseconds; undefined before the first. */
  identifiedAt?: number;
  /** The gallery's match. */
  match?: Candidate | undefined;
}

/** The maximum number of samples that a track keeps. */
const maxSamples = 8;

/** The number of samples that are taken at any quality, so that a single poor frame does not decide. */
const minSamples = 3;

/** The factor by which a later sample's crop quality must exceed the best so far. */
const minImprovement = 1.15;

/** The minimum time between two embeddings of a track, in milliseconds, by the state of the track. */
const embeddingInterval = { new: 80, undecided: 250, unknown: 1000, settled: 500 };

/** The need of a track for an embedding of the next frame. */
export interface EmbeddingNeed {
  /** Higher values first. */
  priority: number;
  /** The minimum quality of the crop, 0 to 1. */
  embedAbove: number;
}

/** One face, tracked from frame to frame. Times are in milliseconds of the tracker's clock. */
export class Track {
  /** Undefined while the face may still prove to be a person whose track is hidden. */
  id: number | undefined;
  /** The face in the last frame that showed it. */
  face: LandmarkedFace;
  readonly firstSeen: number;
  lastSeen: number;
  visible = true;
  /** Whether the track may have passed to another person; the next sample decides. */
  uncertain = false;
  identity: Identity = { status: 'undecided' };
  readonly samples: TrackSample[] = [];
  /** The last sample, if it does not match the others. */
  conflictingSample: TrackSample | undefined;
  #lastRequested = Number.NEGATIVE_INFINITY;
  #template: FusedTemplate | undefined;

  constructor(face: LandmarkedFace, now: number) {
    this.face = face;
    this.firstSeen = now;
    this.lastSeen = now;
  }

  /** Sets the position of the face in the frame of this time. */
  moveTo(face: LandmarkedFace, now: number): void {
    this.face = face;
    this.lastSeen = now;
    this.visible = true;
  }

  /** Adds a sample of this person. When there are too many, drops the one of the lowest quality. */
  addSample(sample: TrackSample): void {
    this.samples.push(sample);
    if (this.samples.length > maxSamples) {
      const lowest = Math.min(...this.samples.map(({ quality }) => quality.overall));
      this.samples.splice(
        this.samples.findIndex(({ quality }) => quality.overall === lowest),
        1,
      );
    }
    this.#template = undefined;
  }

  /** The samples fused into one template; undefined while there is no sample. */
  get template(): FusedTemplate | undefined {
    this.#template ??= fuseSamples(this.samples);
    return this.#template;
  }

  /** The best crop quality of the samples, 0 to 1. */
  get bestCropQuality(): number {
    return Math.max(0, ...this.samples.map(({ cropQuality }) => cropQuality));
  }

  /**
   * Decides whether the next frame should be embedded.
   *
   * @param identifies whether the faces are looked up in a gallery.
   * @returns undefined when no embedding is needed now.
   */
  embeddingNeed(now: number, identifies: boolean): EmbeddingNeed | undefined {
    const elapsed = now - this.#lastRequested;
    if (elapsed < embeddingInterval.new) return undefined;
    if (this.samples.length === 0) return { priority: 3, embedAbove: 0 };
    if (this.uncertain) return { priority: 2, embedAbove: 0 };
    if (this.samples.length < minSamples) return { priority: 1, embedAbove: 0 };
    const { status } = this.identity;
    if (identifies && status === 'undecided' && elapsed >= embeddingInterval.undecided) {
      return { priority: 0, embedAbove: 0 };
    }
    if (identifies && status === 'unknown' && elapsed >= embeddingInterval.unknown) {
      return { priority: 0, embedAbove: 0 };
    }
    if (elapsed >= embeddingInterval.settled) {
      return { priority: 0, embedAbove: this.bestCropQuality * minImprovement };
    }
    return undefined;
  }

  /** Records that an embedding was requested, whether or not it is made. */
  markRequested(now: number): void {
    this.#lastRequested = now;
  }

  /** Updates the identity after the samples or their matches changed. */
  updateIdentity(): void {
    const votes = this.samples
      .filter(({ identifiedAt }) => identifiedAt !== undefined)
      .map(({ match, quality }) => ({ match, weight: quality.overall }));
    this.identity = decideIdentity(votes, this.identity);
  }
}
