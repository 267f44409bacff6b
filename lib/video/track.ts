import type { LandmarkedFace } from '../core/types.ts';
import type { Candidate } from '../gallery/types.ts';
import type { Sample } from '../pipeline/frame.ts';
import { Continuity } from './continuity.ts';
import { type EmbeddingNeed, embeddingNeed } from './embedding-need.ts';
import { decideIdentity, type Identity } from './identity-votes.ts';
import { Motion } from './motion.ts';
import { fuseSamples, type TrackEmbedding } from './track-embedding.ts';

/** A face of one frame with its embedding and, with a gallery, its match. */
export interface TrackSample extends Sample {
  /** The time of the last identification, in milliseconds; undefined before the first. */
  identifiedAt?: number;
  /** The gallery's match. */
  match?: Candidate | undefined;
}

/** The maximum number of samples that a track keeps. */
const maxSamples = 8;

/** One face, tracked from frame to frame. Times are in milliseconds of the tracker's clock. */
export class Track {
  /** Undefined while the face may still prove to be a person whose track is hidden. */
  id: number | undefined;
  /** The face in the last frame that showed it. */
  face: LandmarkedFace;
  readonly firstSeen: number;
  lastSeen: number;
  visible = true;
  /** Whether a face at the last position is likely to be this one: not after the picture was replaced. */
  hasPosition = true;
  /** Whether the track may have passed to another person; the next sample decides. */
  uncertain = false;
  readonly continuity = new Continuity();
  readonly motion = new Motion();
  /** The number of frames that showed the face. */
  framesSeen = 1;
  readonly samples: TrackSample[] = [];
  #identity: Identity = { status: 'undecided' };
  /** The consecutive last samples that do not match the others, oldest first. */
  #conflictingSamples: TrackSample[] = [];
  /** Whether the last sample was too poor to compare with the embedding, after evidence of a break. */
  #isUndecided = false;
  /** The last conflicting sample at the time of the last request. */
  #requestedAfter: TrackSample | undefined;
  #lastRequested = Number.NEGATIVE_INFINITY;
  #lastAdded = Number.NEGATIVE_INFINITY;
  #embedding: TrackEmbedding | undefined;

  constructor(face: LandmarkedFace, now: number) {
    this.face = face;
    this.firstSeen = now;
    this.lastSeen = now;
  }

  /** Sets the position of the same face in the frame of this time. */
  follow(face: LandmarkedFace, now: number): void {
    this.motion.add(this.face, face, now - this.lastSeen);
    this.framesSeen++;
    this.#place(face, now);
  }

  /** Sets the position of another face, which is that of this track. */
  moveTo(face: LandmarkedFace, now: number): void {
    this.motion.reset();
    this.#place(face, now);
  }

  #place(face: LandmarkedFace, now: number): void {
    this.face = face;
    this.lastSeen = now;
    this.visible = true;
    this.hasPosition = true;
  }

  /**
   * Adds a sample of this person. When there are too many, drops the one of the lowest quality. A sample of one crop is kept only
   * until there is another.
   */
  addSample(sample: TrackSample): void {
    if (sample.oneCrop && this.samples.some(({ oneCrop }) => !oneCrop)) return;
    if (!sample.oneCrop) this.#dropOneCropSamples();
    this.samples.push(sample);
    if (this.samples.length > maxSamples) {
      const lowest = Math.min(...this.samples.map(({ quality }) => quality.overall));
      this.samples.splice(
        this.samples.findIndex(({ quality }) => quality.overall === lowest),
        1,
      );
    }
    this.#embedding = undefined;
  }

  #dropOneCropSamples(): void {
    const kept = this.samples.filter(({ oneCrop }) => !oneCrop);
    this.samples.splice(0, this.samples.length, ...kept);
  }

  /** Replaces all samples, and decides the identity anew. */
  replaceSamples(samples: readonly TrackSample[]): void {
    this.samples.length = 0;
    for (const sample of samples) this.addSample(sample);
    this.uncertain = false;
    this.#isUndecided = false;
    this.#identity = { status: 'undecided' };
  }

  /** Confirms that the track still follows its person, by a sample that matches. A sample of one crop is not kept. */
  confirm(sample: TrackSample): void {
    this.uncertain = false;
    this.#isUndecided = false;
    this.#conflictingSamples = [];
    this.continuity.restore();
    if (!sample.oneCrop) {
      this.addSample(sample);
      this.#lastAdded = this.#lastRequested;
    }
  }

  /** Records a sample that is too poor to be compared with the embedding. */
  doubt(): void {
    this.#isUndecided ||= this.continuity.broken;
  }

  /** Records a sample that shows another person. @returns all such samples since the last one that matched, oldest first. */
  contradict(sample: TrackSample): readonly TrackSample[] {
    this.#conflictingSamples.push(sample);
    return this.#conflictingSamples;
  }

  /** Forgets the samples that do not match, after they were given to another track. */
  forgetConflicts(): void {
    this.#conflictingSamples = [];
  }

  /** The samples fused into one embedding; undefined while there is no sample. */
  get embedding(): TrackEmbedding | undefined {
    this.#embedding ??= fuseSamples(this.samples);
    return this.#embedding;
  }

  /** The identity; undecided while the track contradicts itself. */
  get identity(): Identity {
    return this.withheld ? { status: 'undecided' } : this.#identity;
  }

  /**
   * Whether the identity and the embedding are withheld: the last sample does not match or cannot be compared after evidence of a
   * break, or the last two do not match.
   */
  get withheld(): boolean {
    const { length } = this.#conflictingSamples;
    return this.#isUndecided || length > (this.continuity.broken ? 0 : 1);
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
    return embeddingNeed({
      sinceRequested: now - this.#lastRequested,
      sinceAdded: now - this.#lastAdded,
      samples: this.samples.length,
      conflicts: this.#conflictingSamples.length,
      confirmationTried: this.#requestedAfter === this.#conflictingSamples.at(-1),
      uncertain: this.uncertain,
      unnamed: identifies && this.#identity.status !== 'known' ? this.#identity.status : undefined,
      bestCropQuality: this.bestCropQuality,
    });
  }

  /** Records that an embedding was requested, whether or not it is made. */
  markRequested(now: number): void {
    this.#lastRequested = now;
    this.#requestedAfter = this.#conflictingSamples.at(-1);
  }

  /** When an embedding was last requested. */
  get lastRequested(): number {
    return this.#lastRequested;
  }

  /** Updates the identity after the samples or their matches changed. */
  updateIdentity(): void {
    const votes = this.samples
      .filter(({ identifiedAt }) => identifiedAt !== undefined)
      .map(({ match, quality }) => ({ match, weight: quality.overall }));
    this.#identity = decideIdentity(votes, this.#identity);
  }
}
