import { boxCentre } from '../core/math.ts';
import type { LandmarkedFace, Landmarks, Point } from '../core/types.ts';

/** The weight of the newest velocity in the mean. */
const meanWeight = 0.6;

/** The maximum predicted movement, as a share of the longer side of the face's box. */
const maxShift = 1;

/** The time after which a velocity is void, in milliseconds. */
const maxAge = 1000;

/** The movement of a face: its mean velocity predicts where the next frame shows it. */
export class Motion {
  /** In pixels a millisecond. */
  #velocity: Point = { x: 0, y: 0 };

  /** Adds a movement between two frames. */
  add(from: LandmarkedFace, to: LandmarkedFace, elapsed: number): void {
    if (elapsed <= 0 || elapsed > maxAge) return;
    const [a, b] = [boxCentre(from.box), boxCentre(to.box)];
    this.#velocity = {
      x: this.#velocity.x + meanWeight * ((b.x - a.x) / elapsed - this.#velocity.x),
      y: this.#velocity.y + meanWeight * ((b.y - a.y) / elapsed - this.#velocity.y),
    };
  }

  /** Forgets the velocity, after the face of the track changed. */
  reset(): void {
    this.#velocity = { x: 0, y: 0 };
  }

  /** The predicted movement of a face after some time, in pixels. */
  shiftAfter(elapsed: number, { box }: LandmarkedFace): Point {
    const time = Math.min(elapsed, maxAge);
    const limit = maxShift * Math.max(box.width, box.height);
    const clamp = (value: number) => Math.max(-limit, Math.min(limit, value));
    return { x: clamp(this.#velocity.x * time), y: clamp(this.#velocity.y * time) };
  }
}

/** Landmarks moved by a shift. */
export function movedLandmarks({ points, box, ...landmarks }: Landmarks, { x, y }: Point): Landmarks {
  return {
    ...landmarks,
    points: points.map((point) => ({ x: point.x + x, y: point.y + y })),
    ...(box && { box: { ...box, x: box.x + x, y: box.y + y } }),
  };
}
