import type { Face } from '../core/types.ts';

/** The order of detected faces. */
export type FaceOrder = 'score' | 'size' | 'position';

/** Compares two faces in each order. */
export const faceOrders: Readonly<Record<FaceOrder, (a: Face, b: Face) => number>> = {
  score: (a, b) => b.score - a.score,
  size: (a, b) => area(b) - area(a),
  position: (a, b) => centre(a) - centre(b),
};

function area({ box: { width, height } }: Face): number {
  return width * height;
}

function centre({ box: { x, width } }: Face): number {
  return x + width / 2;
}
