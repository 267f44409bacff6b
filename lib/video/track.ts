import type { LandmarkedFace, Quality } from '../core/types.ts';
import { meanOf, unit } from '../embedding/vectors.ts';
import type { Candidate } from '../gallery/types.ts';
import type { Sample } from '../pipeline/frame.ts';
import { elect, type Identity } from './identity.ts';

/** What a track has learnt of a person from one frame. */
export interface TrackSample extends Sample {
  /** When a gallery was last asked who this is, in milliseconds of `performance.now()`; and whom it named. */
  identifiedAt?: number;
  match?: Candidate | undefined;
}

/** A template made of several frames: as good as their best for comparing, and for a gallery to keep. */
export interface FusedTemplate {
  /** The mean of the frames' embeddings, weighted by their quality, brought to length 1. */
  embedding: Float32Array;
  /** The name of the model that made them. */
  model: string;
  /** The quality of the best frame. */
  quality: Quality;
  /** How many frames it is made of. */
  frames: number;
}

/** How many frames a track remembers the embedding of. */
const mostSamples = 8;

/** As many frames are embedded whatever their quality, so that one unlucky frame does not decide alone. */
const firstSamples = 3;

/** How much better than the best one before, in its crop's quality, a later frame must be. */
const clearlyBetter = 1.15;

/** The least time between two embeddings of a track, in milliseconds, while there is a need of them, and later. */
const pause = { new: 80, undecided: 250, unknown: 1000, settled: 500 };

/** One face, followed from frame to frame. */
export class Track {
  /** Undefined while it may still prove to be somebody who was out of view. */
  id: number | undefined;
  face: LandmarkedFace;
  /** When it was first seen, and last, in milliseconds of `performance.now()`. */
  readonly since: number;
  seenAt: number;
  inView = true;
  /** Whether somebody else may have taken this place. */
  doubtful = false;
  identity: Identity = { status: 'undecided' };
  readonly samples: TrackSample[] = [];
  /** The last sample, where it contradicts the others. */
  contradiction: TrackSample | undefined;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #fused: FusedTemplate | undefined;

  constructor(face: LandmarkedFace, now: number) {
    this.face = face;
    this.since = now;
    this.seenAt = now;
  }

  /** Where the face is in the frame of this time. */
  see(face: LandmarkedFace, now: number): void {
    this.face = face;
    this.seenAt = now;
    this.inView = true;
  }

  /** Counts a sample that agrees with the others. */
  learn(sample: TrackSample): void {
    this.samples.push(sample);
    if (this.samples.length > mostSamples) {
      const worst = Math.min(...this.samples.map(({ quality }) => quality.overall));
      this.samples.splice(
        this.samples.findIndex(({ quality }) => quality.overall === worst),
        1,
      );
    }
    this.#fused = undefined;
  }

  /** The samples in one template; undefined as long as there is none. */
  get fused(): FusedTemplate | undefined {
    this.#fused ??= fuse(this.samples);
    return this.#fused;
  }

  /** The best quality of a crop so far, 0 to 1. */
  get bestCrop(): number {
    return Math.max(0, ...this.samples.map(({ cropQuality }) => cropQuality));
  }

  /**
   * How much an embedding of the next frame is wanted, the most urgent first, and from which quality of its crop on;
   * undefined when none is.
   *
   * @param identifies whether somebody asks who the face is.
   */
  wish(now: number, identifies: boolean): { urgency: number; embedAbove: number } | undefined {
    const waited = now - this.#sampledAt;
    if (waited < pause.new) return undefined;
    if (this.samples.length === 0) return { urgency: 3, embedAbove: 0 };
    if (this.doubtful) return { urgency: 2, embedAbove: 0 };
    if (this.samples.length < firstSamples) return { urgency: 1, embedAbove: 0 };
    const { status } = this.identity;
    if (identifies && status === 'undecided' && waited >= pause.undecided) return { urgency: 0, embedAbove: 0 };
    if (identifies && status === 'unknown' && waited >= pause.unknown) return { urgency: 0, embedAbove: 0 };
    if (waited >= pause.settled) return { urgency: 0, embedAbove: this.bestCrop * clearlyBetter };
    return undefined;
  }

  /** Counts that an embedding was asked for, whatever came of it. */
  asked(now: number): void {
    this.#sampledAt = now;
  }

  /** Decides anew who this is, after the samples or whom a gallery takes them for have changed. */
  identify(): void {
    const votes = this.samples
      .filter(({ identifiedAt }) => identifiedAt !== undefined)
      .map(({ match, quality }) => ({ match, weight: quality.overall }));
    this.identity = elect(votes, this.identity);
  }
}

/** The samples' mean by quality; no quality is nothing, so that there is one of poor frames too. */
function fuse(samples: readonly Sample[]): FusedTemplate | undefined {
  const [best] = [...samples].sort((a, b) => b.quality.overall - a.quality.overall);
  if (!best) return undefined;
  const mean = meanOf(
    samples.map(({ embedding }) => embedding),
    samples.map(({ quality }) => Math.max(quality.overall, 0.01)),
  );
  return { embedding: unit(mean), model: best.model, quality: best.quality, frames: samples.length };
}
