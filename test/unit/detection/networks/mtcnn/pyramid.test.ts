import { describe, expect, test } from 'vitest';
import {
  levelsOf,
  type PlacedPart,
  packed,
  partsOf,
  toArea,
  windowsAlong,
} from '../../../../../lib/detection/networks/mtcnn/pyramid.ts';
import { apply } from '../../../../../lib/image/affine.ts';

const size = 64;
const area = { width: 500, height: 333 };

test('levelsOf gives the scales of the reference: from the smallest face to the shorter side', () => {
  // detect_face.py: 12 / 20 · 0.709ⁿ while 333 · scale ≥ 12.
  const levels = levelsOf(area, 20);
  expect(levels).toHaveLength(9);
  levels.forEach(({ scale, width, height }, i) => {
    expect(scale).toBeCloseTo(0.6 * 0.709 ** i, 12);
    expect([width, height]).toEqual([Math.ceil(500 * scale), Math.ceil(333 * scale)]);
  });
  expect(levelsOf({ width: 1000, height: 19 }, 20)).toEqual([]);
  expect(levelsOf({ width: 1000, height: 20 }, 20)).toHaveLength(1);
});

test.each([
  [12, 1],
  [13, 1],
  [14, 2],
  [64, 27],
])('windowsAlong: a side of %d pixels has %d windows', (length, count) => {
  expect(windowsAlong(length)).toBe(count);
});

describe('partsOf', () => {
  const levels = levelsOf(area, 20);
  const parts = partsOf(levels, size);

  test('gives parts that the network takes, with each window of each level in exactly one', () => {
    for (const level of levels) {
      const windows: string[] = [];
      for (const part of parts.filter((other) => other.level === level)) {
        expect(part.width).toBeLessThanOrEqual(size);
        expect(part.height).toBeLessThanOrEqual(size);
        for (let y = 0; y < windowsAlong(part.height); y++) {
          for (let x = 0; x < windowsAlong(part.width); x++) windows.push(`${part.left / 2 + x},${part.top / 2 + y}`);
        }
      }
      expect(windows).toHaveLength(windowsAlong(level.width) * windowsAlong(level.height));
      expect(new Set(windows).size).toBe(windows.length);
    }
  });

  test('toArea maps the corners of a level to those of the area', () => {
    for (const part of parts) {
      const { level, left, top } = part;
      const corner = apply(toArea(part, area), { x: level.width - left, y: level.height - top });
      expect([corner.x, corner.y]).toEqual([expect.closeTo(500, 9), expect.closeTo(333, 9)]);
    }
  });
});

test('packed places each part once, inside an image, at even positions, without overlaps', () => {
  const parts = partsOf(levelsOf({ width: 300, height: 260 }, 20), size);
  const images = packed(parts, size);
  expect(images.flat()).toHaveLength(parts.length);
  // Small parts share images.
  expect(images.length).toBeLessThan(parts.length);
  const overlap = (a: PlacedPart, b: PlacedPart) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  for (const image of images) {
    image.forEach((part, i) => {
      expect(part.x % 2).toBe(0);
      expect(part.y % 2).toBe(0);
      expect(part.x + part.width).toBeLessThanOrEqual(size);
      expect(part.y + part.height).toBeLessThanOrEqual(size);
      expect(image.slice(0, i).some((other) => overlap(other, part))).toBe(false);
    });
  }
});
