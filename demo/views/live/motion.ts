import type { Box, Landmarks, TrackedFace } from 'facenet-web';

/** How far a movement is continued beyond the newest frame, in milliseconds. Later the face stays where it was expected. */
const maxPrediction = 250;

/** How long an undetected face remains visible, in milliseconds. */
const maxMissedTime = 250;

/** Changes of the box below this share of its width are noise of the detector, and no movement. */
const minMovement = 0.02;

interface Track {
  face: TrackedFace;
  /** When the newest frame that shows the face was taken. */
  time: number;
  /** The change of the box in a millisecond. */
  velocity: Box;
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
      const velocity =
        previous && time > previous.time ? velocityOf(previous.face.box, face.box, time - previous.time) : still;
      this.#tracks.set(face.id, { face, time, velocity });
    }
    const detected = new Set(faces.map(({ id }) => id));
    for (const [id, track] of this.#tracks) {
      if (!detected.has(id) && time - track.time > maxMissedTime) this.#tracks.delete(id);
    }
  }

  /** The faces at a time. @param predicts false for reduced motion: boxes then stay where the faces were found. */
  at(now: number, predicts: boolean): PredictedFace[] {
    return [...this.#tracks.values()].map(({ face, time, velocity }) => {
      const elapsed = predicts ? Math.min(Math.max(0, now - time), maxPrediction) : 0;
      const box = moved(face.box, velocity, elapsed);
      return { face, box, landmarks: { ...face.landmarks, points: movedPoints(face, box) } };
    });
  }
}

function velocityOf(from: Box, to: Box, elapsed: number): Box {
  const change = (key: keyof Box) => (to[key] - from[key]) / elapsed;
  const centre = [to.x + to.width / 2 - from.x - from.width / 2, to.y + to.height / 2 - from.y - from.height / 2];
  if (Math.hypot(...centre, to.width - from.width) < minMovement * to.width) return still;
  return { x: change('x'), y: change('y'), width: change('width'), height: change('height') };
}

function moved(box: Box, velocity: Box, elapsed: number): Box {
  const at = (key: keyof Box) => box[key] + velocity[key] * elapsed;
  return { x: at('x'), y: at('y'), width: Math.max(1, at('width')), height: Math.max(1, at('height')) };
}

/** The landmarks at the same relative positions in the moved box. */
function movedPoints({ box, landmarks }: TrackedFace, to: Box): Landmarks['points'] {
  const [scaleX, scaleY] = [to.width / box.width, to.height / box.height];
  return landmarks.points.map(({ x, y }) => ({ x: to.x + (x - box.x) * scaleX, y: to.y + (y - box.y) * scaleY }));
}
