import { expect, test } from 'vitest';
import { type FaceOrder, faceOrders } from '../../../lib/detection/face-order.ts';

const face = (name: string, x: number, side: number, score: number) => ({
  ...{ name, score, roll: 0 },
  box: { x, y: 0, width: side, height: side },
});
/** The right one has the highest score, the left one the largest box, but its centre is between the others'. */
const faces = [face('right', 90, 20, 0.9), face('large', 0, 100, 0.8), face('left', 10, 30, 0.7)];

test.each<[FaceOrder, string[]]>([
  ['score', ['right', 'large', 'left']],
  ['size', ['large', 'left', 'right']],
  ['position', ['left', 'large', 'right']],
])('orders faces by %s', (order, names) => {
  expect([...faces].sort(faceOrders[order]).map(({ name }) => name)).toEqual(names);
});
