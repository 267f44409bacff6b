import type { Landmarks } from '../../../lib/core/types.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import type { FrameAnswer, FrameRequest, Sample } from '../../../lib/pipeline/frame.ts';
import { Tracker } from '../../../lib/video/tracker.ts';

/** A person in a synthetic video: the position of the face, and the axis that its embedding points to. */
export interface Actor {
  x: number;
  person: number;
  /** 0 to 1. Default: 0.8. */
  quality?: number;
}

const faceSize = 100;
const frameInterval = 33;

/** Landmarks that fill a square whose left side is at `x`. */
export function landmarksAt(x: number): Landmarks {
  const points = Array.from({ length: 68 }, (_, i) => ({ x: x + ((i * 37) % faceSize), y: (i * 53) % faceSize }));
  return { scheme: 'ibug-68', points: [{ x, y: 0 }, { x: x + faceSize, y: faceSize }, ...points.slice(2)] };
}

/** The embedded face of an actor. */
export function sampleOf({ x, person, quality = 0.8 }: Actor): Sample {
  const embedding = new Float32Array(8);
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
  };
}

/** A tracker on a synthetic video whose pipeline answers are computed from the actors of each frame. */
export function startVideo({ maxFaces = Number.POSITIVE_INFINITY } = {}) {
  const requests: FrameRequest[] = [];
  const tracker = new Tracker({
    limits: { minScore: 0.5, maxFaces, thorough: false, minSize: { pixels: 8, share: 0.1 } },
    follows: true,
    identifies: false,
    samePerson: (a, b) => a.every((value, i) => Math.abs(value - (b[i] as number)) < 0.7),
  });
  let now = 0;
  return {
    tracker,
    requests,
    /** Shows the next frame. @returns the ids of the visible faces. */
    show(...actors: Actor[]) {
      now += frameInterval;
      const request = tracker.request(now);
      requests.push(request);
      tracker.update(answer(request, actors), now);
      return tracker.visible.map(({ id }) => id);
    },
    wait(milliseconds: number) {
      now += milliseconds;
    },
  };
}

/** Follows known faces to the nearest actor and detects the other actors. */
function answer(request: FrameRequest, actors: readonly Actor[]): FrameAnswer {
  const undetected = [...actors];
  const known = request.known.map(({ landmarks, embedAbove }) => {
    const before = faceOf(landmarks).box.x;
    const i = undetected.findIndex(({ x }) => Math.abs(x - before) < faceSize / 2);
    if (i < 0) return undefined;
    const [actor] = undetected.splice(i, 1) as [Actor];
    const { quality = 0.8 } = actor;
    return quality > embedAbove || embedAbove === 0 ? sampleOf(actor) : faceOf(landmarksAt(actor.x));
  });
  const { search } = request;
  const found = search ? undetected.slice(0, search.maxFaces).map(({ x }) => faceOf(landmarksAt(x))) : [];
  return { known, found, elapsed: {} };
}
