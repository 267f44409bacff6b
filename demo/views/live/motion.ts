import type { Box, Landmarks, TrackedFace } from 'facenet-web';

/** How far a movement is continued beyond the newest frame, in milliseconds. Later the face stays where it was expected. */
const maxPrediction = 250;

/** How long an undetected face remains visible, in milliseconds. */
const maxMissedTime = 250;

/**
 * The share of the measured acceleration that counts: all of it would amplify the noise of the boxes. With half, a head that sways once in two
 * seconds is at most one frame behind at 12 frames a second.
 */
const accelerationShare = 0.5;

/** Changes of the box below this share of its width are noise of the detector, and no movement. */
const minMovement = 0.02;

interface Track {
  face: TrackedFace;
  /** When the newest frame that shows the face was taken. */
  time: number;
  /** The change of the box in a millisecond, and the change of that. */
  velocity: Box;
  acceleration: Box;
  /** The mean change in a millisecond between the last two frames. */
  mean: Box;
  /** Whether the box did not move between the last two frames. */
  resting: boolean;
}

/** A face with its box and landmarks at the time of drawing. */
export interface PredictedFace {
  face: TrackedFace;
  box: Box;
  landmarks: Landmarks;
}

const still: Box = { x: 0, y: 0, width: 0, height: 0 };

/**
 * Predicts where faces are in the frame on the screen. The newest frame with known faces is older than that by the time of its processing,
 * so that boxes drawn at their last known place would trail behind a moving face.
 */
export class FaceMotion {
  readonly #tracks = new Map<number, Track>();

  /** Adds the faces of a frame. @param time when the frame was taken, in milliseconds. */
  update(faces: readonly TrackedFace[], time: number): void {
    for (const face of faces) {
      const previous = this.#tracks.get(face.id);
      this.#tracks.set(face.id, { face, time, ...motionOf(previous, face, time) });
    }
    const detected = new Set(faces.map(({ id }) => id));
    for (const [id, track] of this.#tracks) {
      if (!detected.has(id) && time - track.time > maxMissedTime) this.#tracks.delete(id);
    }
  }

  /** The faces at a time. @param predicts false for reduced motion: boxes then stay where the faces were found. */
  at(now: number, predicts: boolean): PredictedFace[] {
    return [...this.#tracks.values()].map((track) => {
      const { face, time } = track;
      const elapsed = predicts ? Math.min(Math.max(0, now - time), maxPrediction) : 0;
      const box = moved(track, elapsed);
      return { face, box, landmarks: { ...face.landmarks, points: movedPoints(face, box) } };
    });
  }
}

type Motion = Pick<Track, 'velocity' | 'acceleration' | 'mean' | 'resting'>;

const rest: Motion = { velocity: still, acceleration: still, mean: still, resting: true };

function motionOf(previous: Track | undefined, { box }: TrackedFace, time: number): Motion {
  const elapsed = time - (previous?.time ?? time);
  if (!previous || elapsed <= 0) return rest;
  const resting = !hasMoved(previous.face.box, box);
  // A moving head stands still for a moment where it turns back.
  if (resting && previous.resting) return rest;
  const mean = perKey((key) => (box[key] - previous.face.box[key]) / elapsed);
  if (previous.mean === still) return { velocity: mean, acceleration: still, mean, resting };
  const acceleration = perKey((key) => (accelerationShare * (mean[key] - previous.mean[key])) / elapsed);
  return { velocity: perKey((key) => mean[key] + (acceleration[key] * elapsed) / 2), acceleration, mean, resting };
}

function hasMoved(from: Box, to: Box): boolean {
  const centre = [to.x + to.width / 2 - from.x - from.width / 2, to.y + to.height / 2 - from.y - from.height / 2];
  return Math.hypot(...centre, to.width - from.width) >= minMovement * to.width;
}

function moved({ face: { box }, velocity, acceleration }: Track, elapsed: number): Box {
  const at = perKey((key) => box[key] + velocity[key] * elapsed + (acceleration[key] * elapsed ** 2) / 2);
  return { ...at, width: Math.max(1, at.width), height: Math.max(1, at.height) };
}

function perKey(at: (key: keyof Box) => number): Box {
  return { x: at('x'), y: at('y'), width: at('width'), height: at('height') };
}

/** The landmarks at the same relative positions in the moved box. */
function movedPoints({ box, landmarks }: TrackedFace, to: Box): Landmarks['points'] {
  const [scaleX, scaleY] = [to.width / box.width, to.height / box.height];
  return landmarks.points.map(({ x, y }) => ({ x: to.x + (x - box.x) * scaleX, y: to.y + (y - box.y) * scaleY }));
}
