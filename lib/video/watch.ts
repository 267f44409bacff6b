import { type ComparisonRule, compareEmbeddings, type LabelledEmbedding } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable, LandmarkedFace } from '../core/types.ts';
import type { Identification } from '../gallery/types.ts';
import type { FrameAnswer, FrameRequest, StageTimes } from '../pipeline/frame.ts';
import type { DetectOptions } from '../pipeline/options.ts';
import { ForwardClock } from './clock.ts';
import { VideoFrames } from './frames.ts';
import type { Identity } from './identity.ts';
import type { FusedTemplate, Track, TrackSample } from './track.ts';
import { Tracker, type TrackerOptions } from './tracker.ts';

/** What can tell who a face is; every open `Gallery` can. */
export interface Identifier {
  identify(face: LabelledEmbedding, options: Abortable): Promise<Pick<Identification, 'match'>>;
}

/** What {@link FaceNet.watch} can be told. */
export interface WatchOptions extends DetectOptions {
  /** Who the faces are looked up in. Default: nobody is identified. */
  gallery?: Identifier;
}

/** A face in a video that is followed from frame to frame. */
export interface TrackedFace extends LandmarkedFace {
  /** A number that stays the face's own while it is in view and through short occlusions: 0, 1, 2 … as they appear. */
  id: number;
  /** When it was first seen, in milliseconds of `performance.now()`. */
  since: number;
  /** What was learnt of it up to now, for `compare` and for a gallery; undefined until it was first embedded. */
  template: FusedTemplate | undefined;
  /** Who it is; undefined without a gallery. */
  identity?: Identity;
}

/** What a frame of a video shows. */
export interface TrackedFrame {
  /** The faces in it, in the order of their ids; the box of each is what its landmarks fill. */
  faces: TrackedFace[];
  /** When the frame was taken, in milliseconds of `performance.now()`. */
  time: number;
  /** The milliseconds of work that it made, by stage; a stage that it did not need is absent. */
  elapsed: StageTimes;
}

/** How often a gallery is asked again whom it takes a face for, in milliseconds: it may have changed. */
const askAgainAfter = 2000;

/** What watching needs of a loaded FaceNet. */
export interface Watching {
  follow(video: HTMLVideoElement, request: FrameRequest, signal?: AbortSignal): Promise<FrameAnswer>;
  limits: TrackerOptions['limits'];
  follows: boolean;
  rule: ComparisonRule;
}

/** The faces of one frame after another, until the video ends, the signal aborts, or the caller stops asking. */
export async function* watchVideo(
  video: HTMLVideoElement,
  { follow, limits, follows, rule }: Watching,
  { gallery, signal }: WatchOptions,
): AsyncGenerator<TrackedFrame, void, void> {
  const same: TrackerOptions['same'] = (a, b, far) => compareEmbeddings(a, b, rule, { far }).same;
  const tracker = new Tracker({ limits, follows, identifies: gallery !== undefined, same });
  const frames = new VideoFrames(video);
  const clock = new ForwardClock();
  try {
    while (await frames.next(signal)) {
      const time = performance.now();
      const now = clock.at(time);
      const ask = () => follow(video, tracker.request(now), signal);
      const answer = await ask().catch((error) => {
        // The frame is lost with its worker; what the video shows now is as good.
        if (error instanceof FaceNetError && error.code === 'worker-lost') return ask();
        throw error;
      });
      tracker.update(answer, now);
      if (gallery) await identify(tracker.inView, gallery, now, signal);
      yield {
        faces: tracker.inView.map((track) => describe(track, gallery !== undefined)),
        time,
        elapsed: answer.elapsed,
      };
    }
  } finally {
    frames.stop();
  }
}

/** Asks the gallery about samples that it has not seen, or has not seen lately. */
async function identify(
  tracks: readonly Track[],
  gallery: Identifier,
  now: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isDue = ({ identifiedAt }: TrackSample) => identifiedAt === undefined || now - identifiedAt > askAgainAfter;
  for (const track of tracks) {
    const due = track.samples.filter(isDue);
    for (const sample of due) {
      sample.match = (await gallery.identify(sample, { signal })).match;
      sample.identifiedAt = now;
    }
    if (due.length > 0) track.identify();
  }
}

function describe({ face, id, since, fused, identity }: Track, identified: boolean): TrackedFace {
  const { box, score, roll, landmarks } = face;
  return { box, score, roll, landmarks, id: id as number, since, template: fused, ...(identified && { identity }) };
}
