import type { ComparisonRule, LabelledEmbedding } from '../comparison/compare.ts';
import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { LandmarkedFace } from '../core/types.ts';
import type { Identification, IdentifyOptions } from '../gallery/types.ts';
import type { FrameAnswer, StageTimes } from '../pipeline/frame.ts';
import type { DetectOptions } from '../pipeline/options.ts';
import { Discontinuities } from './discontinuities.ts';
import { distinctIdentities } from './distinct-identities.ts';
import { VideoFrames } from './frames.ts';
import type { Identity } from './identity-votes.ts';
import { MonotonicClock } from './monotonic-clock.ts';
import { type FollowFrame, FrameReducer } from './reduced-frame.ts';
import { samePersonBy } from './same-person.ts';
import type { Track, TrackSample } from './track.ts';
import type { TrackEmbedding } from './track-embedding.ts';
import { Tracker, type TrackerOptions } from './tracker.ts';

/** Identifies faces. Every open `Gallery` is one. */
export interface Identifier {
  /**
   * Looks up a face.
   *
   * @param face the embedding of a tracked face, with the name of its model.
   * @param options a signal that cancels the call; `background` is set.
   * @returns the person, if the face is of one.
   */
  identify(
    face: LabelledEmbedding,
    options: Pick<IdentifyOptions, 'signal' | 'background'>,
  ): Promise<Pick<Identification, 'match'>>;
}

/** Options of {@link FaceNet.watch}. */
export interface WatchOptions extends Omit<DetectOptions, 'order'> {
  /** The gallery in which faces are looked up. Default: faces are not identified. */
  gallery?: Identifier | undefined;
}

/** A face that is tracked through a video. */
export interface TrackedFace extends LandmarkedFace {
  /** The number of the face, stable while it is in view and through short occlusions: 0, 1, 2 … in order of appearance. */
  id: number;
  /** When the face was first seen, in milliseconds of `performance.now()`. */
  since: number;
  /**
   * The embedding fused from the frames so far, for `compare` and for a gallery; undefined until the face was embedded, and while it may
   * be another person.
   */
  trackEmbedding: TrackEmbedding | undefined;
  /** The identity in the gallery; undefined without a gallery. One face of a frame is known as a person: the most probable one. */
  identity?: Identity;
}

/** A frame of a video with its faces. */
export interface TrackedFrame {
  /**
   * `live` for a frame of the video. `waiting`, with no `faces`, when the video has had no source, or a stream without a live video
   * track, for about 300 ms, as while the page switches cameras; when all its video tracks have been muted for about a second; and when
   * it has shown no new frame for about three seconds, unless it is a film that is paused at a picture. Each wait yields it once, and
   * once more if a video without frames loses its source.
   */
  state: 'live' | 'waiting';
  /** The faces in the order of their ids. The box of each encloses its landmarks. */
  faces: TrackedFace[];
  /** When the frame was taken, or the wait was noticed, in milliseconds of `performance.now()`. */
  time: number;
  /** The processing time of each stage, in milliseconds. Stages that did not run are absent. */
  elapsed: StageTimes;
}

/** The time after which a sample is identified again, in milliseconds, because the gallery may have changed. */
const identificationInterval = 2000;

/** What {@link watchVideo} needs of a loaded FaceNet. */
export interface WatchContext {
  /** Processes one frame. */
  follow: FollowFrame;
  limits: TrackerOptions['limits'];
  follows: boolean;
  rule: ComparisonRule;
  /** Aborts when the FaceNet is disposed, with the error for later calls. */
  disposed: AbortSignal;
}

/**
 * Tracks the faces of a video and yields each processed frame, until the video ends or the caller stops iterating. `return()` ends a
 * pending wait for a frame, for its answer or for the gallery, which may ignore the signal.
 *
 * @throws what `follow` and the gallery throw; {@link FaceNetError} `image-unreadable` when the video cannot be played;
 *   `signal.reason` when aborted.
 */
export function watchVideo(
  video: HTMLVideoElement,
  context: WatchContext,
  options: WatchOptions,
): AsyncGenerator<TrackedFrame, void, void> {
  const left = new AbortController();
  const tracked = trackFrames(video, context, options, left.signal);
  const finish = tracked.return.bind(tracked);
  // A generator handles return() only after a pending next(), which may wait for ever.
  tracked.return = (value) => {
    left.abort();
    return finish(value);
  };
  return tracked;
}

async function* trackFrames(
  video: HTMLVideoElement,
  { follow, limits, follows, rule, disposed }: WatchContext,
  { gallery, signal }: WatchOptions,
  left: AbortSignal,
): AsyncGenerator<TrackedFrame, void, void> {
  const tracker = new Tracker({
    ...{ limits, follows, identifies: gallery !== undefined },
    samePerson: samePersonBy(rule),
  });
  const reducer = new FrameReducer(video, follow);
  const frames = new VideoFrames(video, { disposed, left });
  const discontinuities = new Discontinuities(video);
  const clock = new MonotonicClock();
  const unlessEnded = interruptibleBy(signal, disposed, left);
  try {
    for (;;) {
      const event = await frames.next(signal);
      if (event === 'ended') return;
      const time = performance.now();
      if (event === 'waiting') {
        yield { state: 'waiting', faces: [], time, elapsed: {} };
        continue;
      }
      const now = clock.convert(time);
      if (discontinuities.take()) {
        tracker.restart();
        reducer.restart();
      }
      const answer = await answerOf(() => unlessEnded(reducer.follow(tracker.request(now), signal)));
      // Its source was replaced, or it is in a hidden tab: wait for the next frame.
      if (!answer) continue;
      tracker.update(answer, now, clock.convert(performance.now()));
      if (gallery) await unlessEnded(identifyTracks(tracker.visible, gallery, now, signal));
      yield {
        state: 'live',
        faces: trackedFaces(tracker.visible, gallery !== undefined),
        time,
        elapsed: answer.elapsed,
      };
    }
  } catch (error) {
    if (!left.aborted || error !== left.reason) throw error;
  } finally {
    frames.stop();
    discontinuities.stop();
  }
}

/** Waits for work of others, which may never settle, until one of the signals aborts. */
function interruptibleBy(...signals: (AbortSignal | undefined)[]) {
  return <T>(work: Promise<T>): Promise<T> => signals.reduce((waiting, signal) => abortable(waiting, signal), work);
}

/** The answer to a request for the current frame; undefined if the video has no frame now. */
async function answerOf(process: () => Promise<FrameAnswer>): Promise<FrameAnswer | undefined> {
  return process().catch((error) => {
    // The frame was transferred to the worker that died. Process the frame that the video shows now instead.
    if (error instanceof FaceNetError && error.code === 'worker-lost') return process();
    if (error instanceof FaceNetError && error.code === 'video-not-ready') return undefined;
    throw error;
  });
}

/** Identifies new samples, and samples whose last identification is older than {@link identificationInterval}. */
async function identifyTracks(
  tracks: readonly Track[],
  gallery: Identifier,
  now: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isDue = ({ identifiedAt }: TrackSample) =>
    identifiedAt === undefined || now - identifiedAt > identificationInterval;
  for (const track of tracks) {
    const due = track.samples.filter(isDue);
    for (const sample of due) {
      sample.match = (await gallery.identify(sample, { signal, background: true })).match;
      sample.identifiedAt = now;
    }
    if (due.length > 0) track.updateIdentity();
  }
}

function trackedFaces(tracks: readonly Track[], identified: boolean): TrackedFace[] {
  const identities = distinctIdentities(tracks.map(({ identity }) => identity));
  return tracks.map((track, i) => ({
    ...trackedFace(track),
    ...(identified && { identity: identities[i] as Identity }),
  }));
}

function trackedFace({ face, id, firstSeen, embedding, withheld }: Track): Omit<TrackedFace, 'identity'> {
  const { box, score, roll, landmarks } = face;
  return {
    ...{ box, score, roll, landmarks, id: id as number, since: firstSeen },
    trackEmbedding: withheld ? undefined : embedding,
  };
}
