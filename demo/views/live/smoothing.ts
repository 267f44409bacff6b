import type { Box, Point, TrackedFace } from 'facenet-web';

/** The time constant of the exponential smoothing, in milliseconds. */
const timeConstant = 70;

/** How long an undetected face remains visible, in milliseconds. */
const maxMissedTime = 250;

interface Track {
  face: TrackedFace;
  box: Box;
  seenAt: number;
}

/** A face with its smoothed box and landmarks. */
export interface SmoothFace {
  face: TrackedFace;
  box: Box;
  landmarks: Point[];
}

/** Smooths the movement of boxes between detections, because the screen refreshes more often than faces are detected. */
export class Smoothing {
  readonly #tracks = new Map<number, Track>();
  #drawnAt = 0;

  /** Adds the faces of a new frame. @param now the current time, in milliseconds. */
  update(faces: readonly TrackedFace[], now: number): void {
    for (const face of faces) {
      const previous = this.#tracks.get(face.id);
      this.#tracks.set(face.id, { face, box: previous?.box ?? face.box, seenAt: now });
    }
    const detected = new Set(faces.map(({ id }) => id));
    for (const [id, { seenAt }] of this.#tracks) {
      if (!detected.has(id) && now - seenAt > maxMissedTime) this.#tracks.delete(id);
    }
  }

  /** Moves the boxes and returns the faces to draw at a time. @param instantly skips the smoothing, for reduced motion. */
  at(now: number, instantly: boolean): SmoothFace[] {
    const share = instantly ? 1 : 1 - Math.exp(-(now - this.#drawnAt) / timeConstant);
    this.#drawnAt = now;
    return [...this.#tracks.values()].map((track) => {
      const { face } = track;
      track.box = interpolate(track.box, face.box, share);
      return { face, box: track.box, landmarks: mapPoints(face.landmarks.points, face.box, track.box) };
    });
  }
}

function interpolate(a: Box, b: Box, share: number): Box {
  const mix = (key: keyof Box) => a[key] + (b[key] - a[key]) * share;
  return { x: mix('x'), y: mix('y'), width: mix('width'), height: mix('height') };
}

/** Maps points from one box to the same relative positions in another. */
function mapPoints(points: readonly Point[], from: Box, to: Box): Point[] {
  const [scaleX, scaleY] = [to.width / from.width, to.height / from.height];
  return points.map(({ x, y }) => ({ x: to.x + (x - from.x) * scaleX, y: to.y + (y - from.y) * scaleY }));
}
