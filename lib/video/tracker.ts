import type { LandmarkedFace } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { intersectionOverUnion } from '../detection/suppression.ts';
import type { FrameAnswer, FrameRequest } from '../pipeline/frame.ts';
import { Track, type TrackSample } from './track.ts';

/** What a tracker goes by. */
export interface TrackerOptions {
  limits: DetectionLimits;
  /** Whether faces can be followed by their landmarks; otherwise they are detected in every frame. */
  follows: boolean;
  /** Whether somebody asks who the faces are. */
  identifies: boolean;
  /** Whether two embeddings are of one person, at a false-accept rate. */
  same: (a: Float32Array, b: Float32Array, far: number) => boolean;
}

/** How often new faces are looked for, in milliseconds. */
const searchEvery = 250;

/** How long a face out of view is remembered, in milliseconds: so long a track keeps its id through an occlusion. */
const patience = 3000;

/** Within this time, in milliseconds, who appears where a face was lost is taken for the same person, until their embedding tells. */
const sameSpot = 1000;

/** The intersection over union from which two tracks are on one face, and from which they might be exchanged. */
const onOneFace = 0.6;
const crossing = 0.2;

/** Whether a face that was followed all the time is still the same person is doubted late; a stranger elsewhere is told apart soon. */
const far = { followed: 1e-2, returned: 1e-3 };

/** The share of the best crop's quality below which a sample contradicts nobody: it is blurred, not somebody else's. */
const tellingQuality = 0.5;

/** The faces of a video, from frame to frame: it decides what to ask of each frame, and makes tracks of the answers. */
export class Tracker {
  readonly #options: TrackerOptions;
  /** Everybody in view, and who was in view not long ago. */
  #tracks: Track[] = [];
  #asked: Track[] = [];
  #searchedAt = Number.NEGATIVE_INFINITY;
  #ids = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** Those in view whose id is certain, in the order of their ids. */
  get inView(): Track[] {
    return this.#tracks
      .filter(({ inView, id }) => inView && id !== undefined)
      .sort((a, b) => (a.id as number) - (b.id as number));
  }

  /** What to ask of the frame of this time, in milliseconds. At most one face is embedded, so that no frame takes long. */
  request(now: number): FrameRequest {
    const { limits, follows, identifies } = this.#options;
    this.#asked = this.#tracks.filter(({ inView }) => inView);
    for (const track of this.#asked) {
      // The page was hidden meanwhile, or the camera paused.
      if (now - track.seenAt > sameSpot) track.doubtful = true;
    }
    const wishes = this.#asked.map((track) => ({ track, wish: track.wish(now, identifies) }));
    const urgency = Math.max(...wishes.map(({ wish }) => wish?.urgency ?? -1));
    const wanted = wishes
      .filter(({ wish }) => wish?.urgency === urgency)
      .sort((a, b) => a.track.samples.length - b.track.samples.length)[0];
    wanted?.track.asked(now);
    const known = wishes.map(({ track, wish }) => ({
      landmarks: track.face.landmarks,
      embedAbove: track === wanted?.track ? (wish?.embedAbove ?? 0) : Number.POSITIVE_INFINITY,
    }));
    const room = limits.maxFaces - this.#asked.length;
    if (follows && (room < 1 || now - this.#searchedAt < searchEvery)) return { known };
    this.#searchedAt = now;
    return { known, search: { ...limits, maxFaces: follows ? room : limits.maxFaces } };
  }

  /** Takes what the frame of this time showed. */
  update({ known, found }: FrameAnswer, now: number): void {
    for (const [i, track] of this.#asked.entries()) {
      const face = known[i];
      if (!face) this.#lose(track);
      else {
        track.see(face, now);
        if ('embedding' in face) this.#learn(track, face);
      }
    }
    this.#separate();
    for (const face of found) this.#appear(face, now);
    this.#tracks = this.#tracks.filter(({ inView, seenAt }) => inView || now - seenAt < patience);
    this.#settle();
  }

  /** Out of view; somebody who never had an id is forgotten. */
  #lose(track: Track): void {
    track.inView = false;
    if (track.id === undefined) this.#forget(track);
    // A new look soon: who is only hidden for a moment shall not be gone for long.
    this.#searchedAt = Number.NEGATIVE_INFINITY;
  }

  #forget(track: Track): void {
    this.#tracks = this.#tracks.filter((other) => other !== track);
  }

  /** Of two tracks on one face the younger goes; two whose faces cross might be exchanged. */
  #separate(): void {
    const inView = this.#tracks.filter(({ inView }) => inView);
    for (const [i, older] of inView.entries()) {
      for (const younger of inView.slice(i + 1)) {
        const shared = intersectionOverUnion(older.face.box, younger.face.box);
        if (shared > onOneFace) this.#forget(younger);
        else if (shared > crossing) older.doubtful = younger.doubtful = true;
      }
    }
  }

  /** A face that was not there before: somebody who was hidden here a moment ago, or a new track. */
  #appear(face: LandmarkedFace, now: number): void {
    const [returned] = this.#hidden()
      .filter(({ seenAt }) => now - seenAt < sameSpot)
      .map((track) => ({ track, shared: intersectionOverUnion(track.face.box, face.box) }))
      .filter(({ shared }) => shared > crossing)
      .sort((a, b) => b.shared - a.shared);
    if (returned) {
      returned.track.see(face, now);
      returned.track.doubtful = true;
    } else this.#tracks.push(new Track(face, now));
  }

  /** Those out of view who can be known again. */
  #hidden(): Track[] {
    return this.#tracks.filter(({ inView, samples }) => !inView && samples.length > 0);
  }

  /** Gives ids to new tracks, when they cannot be anybody who is out of view. */
  #settle(): void {
    for (const track of this.#tracks) {
      if (track.id !== undefined || !track.inView) continue;
      if (track.samples.length > 0 || this.#hidden().length === 0) track.id = this.#ids++;
    }
  }

  /** Takes a new sample of a track: of the same person as before, of somebody who returned, or of somebody else. */
  #learn(track: Track, sample: TrackSample): void {
    const { same } = this.#options;
    if (track.id === undefined && this.#returns(track, [sample])) return;
    const { fused, contradiction: before } = track;
    if (!fused || same(fused.embedding, sample.embedding, far.followed)) {
      track.learn(sample);
      track.doubtful = false;
      track.contradiction = undefined;
      return;
    }
    if (sample.cropQuality < track.bestCrop * tellingQuality) return;
    track.doubtful = true;
    track.contradiction = sample;
    // One frame may err; two that agree with each other and not with the rest are somebody else's.
    if (before && same(before.embedding, sample.embedding, far.followed)) this.#replace(track, [before, sample]);
  }

  /** Somebody else is where a track was: one of two who were exchanged, or one who returned, or somebody new. */
  #replace(track: Track, samples: readonly TrackSample[]): void {
    track.contradiction = undefined;
    const { face, seenAt } = track;
    const exchanged = this.#tracks.find((other) => other.inView && other.doubtful && this.#knows(other, samples));
    if (exchanged) {
      track.see(exchanged.face, exchanged.seenAt);
      exchanged.see(face, seenAt);
      for (const sample of samples) exchanged.learn(sample);
      return;
    }
    track.inView = false;
    const other = new Track(face, seenAt);
    this.#tracks.push(other);
    if (this.#returns(other, samples)) return;
    for (const sample of samples) other.learn(sample);
  }

  /** Whether a track without an id is of somebody who was out of view, whose track then goes on in its place. */
  #returns(track: Track, samples: readonly TrackSample[]): boolean {
    const returned = this.#hidden().find((hidden) => this.#knows(hidden, samples));
    if (!returned) return false;
    returned.see(track.face, track.seenAt);
    for (const sample of samples) returned.learn(sample);
    this.#forget(track);
    return true;
  }

  /** Whether the newest of these samples is of a track's person, though of a face that was not followed as that. */
  #knows({ fused }: Track, samples: readonly TrackSample[]): boolean {
    const newest = samples.at(-1);
    return (
      fused !== undefined && newest !== undefined && this.#options.same(fused.embedding, newest.embedding, far.returned)
    );
  }
}
