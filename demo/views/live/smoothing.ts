import type { Box, Point, TrackedFace } from 'facenet-web';

/** How long a box takes to come most of the way to where its face was seen last, in milliseconds. */
const settling = 70;

/** A box comes up, and goes, within this time, in milliseconds. */
const rest = 250;

interface Shown {
  face: TrackedFace;
  box: Box;
  seenAt: number;
}

/** A face as it is shown at a moment. */
export interface SmoothFace {
  face: TrackedFace;
  box: Box;
  landmarks: Point[];
}

/** Boxes that glide from where a face was seen to where it is seen next, since faces are seen less often than the screen is drawn. */
export class Smoothing {
  readonly #shown = new Map<number, Shown>();
  #drawnAt = 0;

  /** Takes what the newest frame shows. */
  update(faces: readonly TrackedFace[], now: number): void {
    for (const face of faces) {
      const before = this.#shown.get(face.id);
      this.#shown.set(face.id, { face, box: before?.box ?? face.box, seenAt: now });
    }
    const seen = new Set(faces.map(({ id }) => id));
    for (const [id, { seenAt }] of this.#shown) if (!seen.has(id) && now - seenAt > rest) this.#shown.delete(id);
  }

  /** Where the faces are to be drawn at a moment. @param instantly without gliding, for those whom movement disturbs. */
  at(now: number, instantly: boolean): SmoothFace[] {
    const share = instantly ? 1 : 1 - Math.exp(-(now - this.#drawnAt) / settling);
    this.#drawnAt = now;
    return [...this.#shown.values()].map((shown) => {
      const { face } = shown;
      shown.box = between(shown.box, face.box, share);
      return { face, box: shown.box, landmarks: moved(face.landmarks.points, face.box, shown.box) };
    });
  }
}

function between(a: Box, b: Box, share: number): Box {
  const mix = (key: keyof Box) => a[key] + (b[key] - a[key]) * share;
  return { x: mix('x'), y: mix('y'), width: mix('width'), height: mix('height') };
}

/** Points that lie in one box as they lay in another. */
function moved(points: readonly Point[], from: Box, to: Box): Point[] {
  const [scaleX, scaleY] = [to.width / from.width, to.height / from.height];
  return points.map(({ x, y }) => ({ x: to.x + (x - from.x) * scaleX, y: to.y + (y - from.y) * scaleY }));
}
