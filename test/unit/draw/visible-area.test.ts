import { expect, test } from 'vitest';
import { visibleArea } from '../../../lib/draw/visible-area.ts';

const picture = { width: 400, height: 300 };
const element = { width: 200, height: 200 };

test.each([
  ['fill', '50% 50%', [0, 0, 200, 200]],
  ['contain', '50% 50%', [0, 25, 200, 150]],
  ['contain', '0% 0%', [0, 0, 200, 150]],
  ['contain', '50% 10px', [0, 10, 200, 150]],
  ['cover', '50% 50%', [-100 / 3, 0, 800 / 3, 200]],
  ['cover', '100% 50%', [-200 / 3, 0, 800 / 3, 200]],
  ['none', '50% 50%', [-100, -50, 400, 300]],
  ['scale-down', '50% 50%', [0, 25, 200, 150]],
])('places a picture by object-fit %s and object-position %s', (fit, position, expected) => {
  const { x, y, width, height } = visibleArea(picture, element, { fit, position });
  for (const [i, value] of [x, y, width, height].entries()) expect(value).toBeCloseTo(expected[i] as number, 9);
});

test('does not enlarge with scale-down', () => {
  const area = visibleArea({ width: 40, height: 30 }, element, { fit: 'scale-down', position: '50% 50%' });
  expect(area).toEqual({ x: 80, y: 85, width: 40, height: 30 });
});
