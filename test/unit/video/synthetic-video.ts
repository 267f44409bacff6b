import { type FaceSignature, signatureDistance } from '../../../lib/core/face-signature.ts';
import type { Landmarks } from '../../../lib/core/types.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { FollowedFace, FrameAnswer, FrameRequest, KnownFace, Sample } from '../../../lib/pipeline/frame.ts';
import { Tracker } from '../../../lib/video/tracker.ts';

/** A person in a synthetic video: the position of the face, and the axis that its embedding points to. */
export interface Actor {
  x: number;
  person: number;
  /** 0 to 1. Default: 0.8. */
  quality?: number;
  /** The colour of the face, 0 to 255. Default: one for each person. */
  colour?: number;
}

/** Options of {@link startVideo}. */
interface VideoOptions {
  maxFaces?: number;
  /** The frame rate. Default: about 30. */
  fps?: number;
  /** The people in the gallery, by their axes. Default: faces are not identified. */
  enrolled?: readonly number[];
  /** The time that detection takes, in milliseconds. Default: 0. */
  detectionTime?: number;
  /** Whether the next frame is later by the time that the frame takes. Default: true. */
  delays?: boolean;
  /** The times that the landmarks of a face and an embedding take, in milliseconds. Default: 0. */
  landmarksTime?: number;
  embeddingTime?: number;
  /** The quality below which two faces cannot be compared. Default: 0. */
  minComparable?: number;
  /** Whether every other frame is requested twice, as after the worker was lost while it processed the first request. Default: false. */
  retries?: boolean;
}

const faceSize = 100;
const dimension = 8;

/** Landmarks that fill a square whose left side is at `x`. */
export function landmarksAt(x: number): Landmarks {
  const points = Array.from({ length: 68 }, (_, i) => ({ x: x + ((i * 37) % faceSize), y: (i * 53) % faceSize }));
  return { scheme: 'ibug-68', points: [{ x, y: 0 }, { x: x + faceSize, y: faceSize }, ...points.slice(2)] };
}

/** The embedded face of an actor. */
export function sampleOf({ x, person, quality = 0.8 }: Actor): Sample {
  const embedding = new Float32Array(dimension);
  embedding[person] = 1;
  return {
    ...faceOf(landmarksAt(x)),
    embedding,
    model: 'synthetic',
    quality: {
      overall: quality,
      eyeDistance: 40,
      yaw: 0,
      pitch: 0,
      roll: 0,
      sharpness: 0.1,
      brightness: 0.5,
      contrast: 0.2,
      components: {},
    },
    cropQuality: quality,
    oneCrop: false,
  };
}

/** A tracker on a synthetic video whose pipeline answers are computed from the actors of each frame. */
export function startVideo({
  maxFaces = Number.POSITIVE_INFINITY,
  fps = 1000 / 33,
  enrolled,
  detectionTime = 0,
  delays = true,
  landmarksTime = 0,
  embeddingTime = 0,
  minComparable = 0,
  retries = false,
}: VideoOptions = {}) {
  const requests: FrameRequest[] = [];
  const answers: FrameAnswer[] = [];
  const tracker = new Tracker({
    limits: { minScore: 0.5, maxFaces, thorough: false, minSize: { pixels: 8, share: 0.1 } },
    follows: true,
    identifies: enrolled !== undefined,
    samePerson: (a, b) => {
      if ([a, b].every(({ quality }) => (quality?.overall ?? 1) < minComparable)) return undefined;
      return a.embedding.every((value, i) => Math.abs(value - (b.embedding[i] as number)) < 0.7);
    },
  });
  let now = 0;
  const show = (...actors: Actor[]) => {
    now += 1000 / fps;
    if (retries && answers.length % 2 === 0) requests.push(tracker.request(now));
    const request = tracker.request(now);
    requests.push(request);
    const answer = answerTo(request, actors);
    answers.push(answer);
    const samples = answer.known.filter((face) => face && 'embedding' in face);
    if (answer.searched) answer.elapsed.detection = detectionTime;
    if (samples.length > 0) answer.elapsed.embedding = samples.length * embeddingTime;
    answer.elapsed.landmarks = answer.known.length * landmarksTime;
    const answered = now + Object.values(answer.elapsed).reduce((sum, time) => sum + time, 0);
    tracker.update(answer, now, answered);
    if (enrolled) identify(tracker, enrolled, now);
    if (delays) now = answered;
    return tracker.visible.map(({ id }) => id);
  };
  return {
    tracker,
    requests,
    answers,
    /** Shows the next frame. @returns the ids of the visible faces. */
    show,
    /** The time of the video, in milliseconds. */
    time: () => now,
    /** Shows the next frames. @returns the ids of the visible faces in each. */
    repeat: (frames: number, ...actors: Actor[]) => Array.from({ length: frames }, () => show(...actors)),
    /** The person of each visible face, by axis, or the status of its identity. */
    names: () =>
      tracker.visible.map(({ identity }) =>
        identity.status === 'known' ? Number(identity.person.id) : identity.status,
      ),
    wait(milliseconds: number) {
      now += milliseconds;
    },
  };
}

/** Follows known faces to the nearest actor and detects the other actors. */
export function answerTo(request: FrameRequest, actors: readonly Actor[]): FrameAnswer {
  const undetected = [...actors];
  const known = request.known.map((face) => {
    const before = faceOf(face.landmarks).box.x;
    const i = undetected.findIndex(({ x }) => Math.abs(x - before) < faceSize / 2);
    if (i < 0) return undefined;
    return followed(face, undetected.splice(i, 1)[0] as Actor);
  });
  const search = request.search ?? (known.includes(undefined) ? request.searchWhenLost : undefined);
  const found = search ? undetected.slice(0, search.maxFaces).map(newFace) : [];
  return { known, found, searched: search !== undefined, width: 2000, height: 1000, elapsed: {} };
}

/** A face that was detected. */
function newFace(actor: Actor): FollowedFace {
  return { ...faceOf(landmarksAt(actor.x)), signature: signatureOf(actor), change: undefined };
}

function signatureOf({ person, colour = 30 * person }: Actor): FaceSignature {
  return new Uint8Array(192).fill(colour);
}

/** The face of an actor in the next frame, embedded if that was requested. */
function followed({ embedAbove, verify, signature: previous, maxChange }: KnownFace, actor: Actor) {
  const { x, quality = 0.8 } = actor;
  const signature = signatureOf(actor);
  const change = previous && signatureDistance(previous, signature);
  const face = { ...faceOf(landmarksAt(x)), signature, change };
  const oneCrop = quality < embedAbove;
  if (oneCrop && !verify && !((change ?? 0) > maxChange)) return face;
  return { ...face, ...sampleOf(actor), oneCrop };
}

/** Identifies new samples: each person matches the gallery's person of the same axis. */
function identify(tracker: Tracker, enrolled: readonly number[], now: number): void {
  for (const track of tracker.visible) {
    const due = track.samples.filter(({ identifiedAt }) => identifiedAt === undefined);
    for (const sample of due) {
      const id = sample.embedding.indexOf(1);
      sample.identifiedAt = now;
      if (enrolled.includes(id)) {
        sample.match = { person: { id: `${id}`, name: `${id}`, metadata: undefined }, probability: 0.9 } as never;
      }
    }
    if (due.length > 0) track.updateIdentity();
  }
}
