import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FaceNetError } from '../../../../lib/core/errors.ts';
import { seeded as random } from '../../../../lib/core/random.ts';
import { groupWindows } from '../../../../lib/detection/classical/grouping.ts';
import { parseCascade } from '../../../../lib/detection/classical/opencv-cascade.ts';
import { violaJonesDetector } from '../../../../lib/detection/classical/viola-jones.ts';
import type { Grey } from '../../../../lib/image/grey.ts';
import { integralOf } from '../../../../lib/image/integral.ts';
import { pyramid } from '../../../../lib/image/pyramid.ts';

const cascades = '/usr/share/opencv4/haarcascades';

function noise(seed: number, width: number, height: number): Grey {
  const next = random(seed);
  return { width, height, data: new Uint8ClampedArray(width * height).map(() => next() * 255) };
}

describe('integral images', () => {
  const picture = noise(1, 9, 7);
  const at = (x: number, y: number) => (x >= 0 && y >= 0 && x < 9 && y < 7 ? (picture.data[y * 9 + x] as number) : 0);
  const { stride, sum, squares, tilted } = integralOf(picture, true);

  test('contain the sums of the pixels above and to the left, and of their squares', () => {
    for (let y = 0; y <= 7; y++) {
      for (let x = 0; x <= 9; x++) {
        let [expected, expectedSquares] = [0, 0];
        for (let v = 0; v < y; v++) {
          for (let u = 0; u < x; u++) {
            expected += at(u, v);
            expectedSquares += at(u, v) ** 2;
          }
        }
        expect(sum[y * stride + x]).toBe(expected);
        expect(squares[y * stride + x]).toBe(expectedSquares);
      }
    }
  });

  test('contain, if tilted, the sum of the 45° triangle above each pixel', () => {
    for (let y = 1; y <= 7; y++) {
      for (let x = 1; x <= 9; x++) {
        let expected = 0;
        for (let v = 0; v < y; v++) {
          const reach = y - 1 - v;
          for (let u = x - 1 - reach; u <= x - 1 + reach; u++) expected += at(u, v);
        }
        expect(tilted?.[y * stride + x], `at ${x}, ${y}`).toBe(expected);
      }
    }
  });
});

test('a pyramid shrinks by its factor until the window no longer fits', () => {
  const levels = [...pyramid(noise(2, 64, 48), 2, { width: 10, height: 10 })];
  expect(levels.map(({ scale, grey }) => [scale, grey.width, grey.height])).toEqual([
    [1, 64, 48],
    [2, 32, 24],
    [4, 16, 12],
  ]);
});

describe('grouping', () => {
  const box = (x: number, y: number, side: number) => ({ x, y, width: side, height: side });

  test('groups similar windows, and drops groups that are too small', () => {
    const groups = groupWindows([box(0, 0, 20), box(2, 0, 20), box(1, 3, 20), box(100, 0, 20)], 2);
    expect(groups).toEqual([{ box: box(1, 1, 20), count: 3 }]);
  });

  test('drops a group inside a larger one', () => {
    const strong = Array.from({ length: 6 }, () => box(0, 0, 60));
    const weak = [box(20, 20, 20), box(21, 20, 20)];
    expect(groupWindows([...strong, ...weak], 2)).toEqual([{ box: box(0, 0, 60), count: 6 }]);
  });
});

/** A cascade of one stump that passes windows of 8×8 pixels whose left half is darker than their right. */
const stump = (threshold = '0.2') => `<?xml version="1.0"?>
<opencv_storage>
<cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>8</height>
  <width>8</width>
  <stages>
    <_><stageThreshold>0.5</stageThreshold>
      <weakClassifiers><_><internalNodes>0 -1 0 ${threshold}</internalNodes><leafValues>0. 1.</leafValues></_></weakClassifiers></_>
  </stages>
  <features><_><rects><_>0 0 8 8 -1.</_><_>4 0 4 8 2.</_></rects></_></features>
</cascade>
</opencv_storage>`;

describe('parseCascade', () => {
  test('parses a stump', () => {
    const cascade = parseCascade(stump());
    expect([cascade.width, cascade.height]).toEqual([8, 8]);
    expect([...cascade.stageTrees]).toEqual([1]);
    expect([...cascade.leaves]).toEqual([0, 1]);
    expect(cascade.features).toEqual([
      {
        tilted: false,
        rectangles: [
          { x: 0, y: 0, width: 8, height: 8, weight: -1 },
          { x: 4, y: 0, width: 4, height: 8, weight: 2 },
        ],
      },
    ]);
  });

  test('violaJonesDetector finds the edge that the cascade describes, and nothing in a plain image', async () => {
    const detector = violaJonesDetector(stump('0.9'));
    const side = detector.inputSize;
    const data = new Uint8ClampedArray(side * side * 4).fill(255);
    const plain = { width: side, height: side, data: data.slice() };
    // A vertical edge, 60 pixels high: dark on the left, bright on the right.
    for (let y = 300; y < 360; y++)
      for (let x = 200; x < 230; x++) data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    const [found = [], none] = await detector.find([{ width: side, height: side, data }, plain]);
    expect(none).toEqual([]);
    expect(found.length).toBeGreaterThan(0);
    for (const { box, score, roll } of found) {
      // The edge passes through every box.
      expect(box.x).toBeLessThan(230);
      expect(box.x + box.width).toBeGreaterThan(230);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
      expect(roll).toBe(0);
    }
  });

  test('accepts or rejects randomly damaged text, and never hangs', async () => {
    const text = stump();
    const next = random(11);
    const letters = '<>/0123456789.-eE &_ax\n';
    for (let i = 0; i < 400; i++) {
      const at = Math.floor(next() * text.length);
      const letter = letters[Math.floor(next() * letters.length)] as string;
      const kind = Math.floor(next() * 3);
      const mutated = [
        text.slice(0, at) + letter + text.slice(at + 1),
        text.slice(0, at) + text.slice(at + Math.floor(next() * 40)),
        text.slice(0, at),
      ][kind] as string;
      try {
        violaJonesDetector(mutated);
      } catch (error) {
        expect(error).toBeInstanceOf(FaceNetError);
        expect((error as FaceNetError).code).toBe('option-invalid');
      }
    }
  });

  test.each([
    ['an empty text', ''],
    ['a web page', '<!doctype html><html></html>'],
    ['an entity', '<!DOCTYPE x [<!ENTITY a "aaaa">]><opencv_storage>&a;</opencv_storage>'],
    ['deeply nested elements', '<a>'.repeat(100_000)],
    ['HOG features', stump().replace('HAAR', 'HOG')],
    ['a tree with a cycle', stump().replace('0 -1 0 0.2', '1 -1 0 0.2')],
    ['a rectangle outside the window', stump().replace('4 0 4 8 2.', '4 0 5 8 2.')],
    ['an invalid number', stump('NaN')],
  ])('rejects %s', (_, xml) => {
    expect(() => violaJonesDetector(xml)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });

  test.skipIf(!existsSync(cascades))('parses the face cascades of OpenCV (Debian’s opencv-data)', () => {
    const names = readdirSync(cascades).filter((name) => /face.*\.xml$/.test(name));
    const read = names.map((name) => {
      const { stageTrees, treeNodes } = parseCascade(readFileSync(`${cascades}/${name}`, 'utf8'));
      return [name, stageTrees.length, treeNodes.length] as const;
    });
    expect(read.length).toBeGreaterThan(5);
    expect(read).toContainEqual(['haarcascade_frontalface_default.xml', 25, 2913]);
  });
});
