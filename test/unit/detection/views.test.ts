import { describe, expect, test } from 'vitest';
import type { Box, Face, Pixels } from '../../../lib/core/types.ts';
import { detectFaces } from '../../../lib/detection/detect.ts';
import type { Detector } from '../../../lib/detection/detector.ts';
import { rotatedViews, uprightView } from '../../../lib/detection/views.ts';
import { apply, invert, scaleOf } from '../../../lib/image/affine.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';

describe('views', () => {
  test.each([
    [640, 480],
    [300, 900],
    [192, 192],
    [1, 1],
  ])('the upright view covers all of %i×%i, centred', (width, height) => {
    const view = uprightView({ width, height }, 128);
    expect(scaleOf(view)).toBeCloseTo(Math.max(width, height) / 128, 10);
    const { x, y } = apply(invert(view), { x: width / 2, y: height / 2 });
    expect([x, y]).toEqual([expect.closeTo(64, 8), expect.closeTo(64, 8)]);
    for (const corner of [
      { x: 0, y: 0 },
      { x: width, y: height },
    ]) {
      const inView = apply(invert(view), corner);
      for (const value of [inView.x, inView.y]) {
        expect(value).toBeGreaterThan(-1e-8);
        expect(value).toBeLessThan(128 + 1e-8);
      }
    }
  });

  test('the rotated views are turned by ±45° and ±90° about the same centre', () => {
    const views = rotatedViews({ width: 640, height: 480 }, 192);
    const turns = views.map(({ a, b }) => Math.round((Math.atan2(b, a) * 180) / Math.PI));
    for (const degrees of [45, -45, 90, -90]) expect(turns).toContain(degrees);
    for (const view of views) {
      const { x, y } = apply(view, { x: 96, y: 96 });
      expect([x, y]).toEqual([expect.closeTo(320, 8), expect.closeTo(240, 8)]);
    }
  });
});

interface Square extends Box {
  /** The detector's score in a view of the picture and in a refiner's crop. */
  scores: [number, number];
}

/** A picture with squares on black, each in its own colour channel, and a detector that finds them in any view. */
function scene(squares: readonly Square[]) {
  const source: PixelSource = {
    width: 800,
    height: 600,
    read(region) {
      const data = new Uint8ClampedArray(region.width * region.height * 4);
      for (let i = 0; i < region.width * region.height; i++) {
        const [x, y] = [region.x + (i % region.width), region.y + Math.floor(i / region.width)];
        const at = squares.findIndex((s) => x >= s.x && x < s.x + s.width && y >= s.y && y < s.y + s.height);
        if (at >= 0) data[i * 4 + at] = 255;
      }
      return { ...region, data };
    },
  };
  const batches: number[] = [];
  const faceOf = ({ data }: Pixels, channel: number, [detected, refined]: Square['scores']): Face[] => {
    const [xs, ys]: [number[], number[]] = [[], []];
    for (let i = 0; i < 96 * 96; i++) {
      if ((data[i * 4 + channel] as number) < 128) continue;
      xs.push(i % 96);
      ys.push(Math.floor(i / 96));
    }
    if (xs.length < 4) return [];
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    const [width, height] = [Math.max(...xs) - x + 1, Math.max(...ys) - y + 1];
    const at = (u: number, v: number) => ({ x: x + u * width, y: y + v * height });
    const keypoints = {
      rightEye: at(0.3, 0.4),
      leftEye: at(0.7, 0.4),
      noseTip: at(0.5, 0.6),
      mouth: at(0.5, 0.8),
      rightEar: at(0, 0.5),
      leftEar: at(1, 0.5),
    };
    // In a refiner's crop the face fills a third of the view.
    const score = width > 24 ? refined : detected;
    return [{ box: { x, y, width, height }, score, roll: 0, keypoints }];
  };
  const detector: Detector = {
    name: 'coloured squares',
    inputSize: 96,
    async find(pictures: Iterable<Pixels>) {
      const images = [...pictures];
      batches.push(images.length);
      return images.map((picture) => squares.flatMap(({ scores }, i) => faceOf(picture, i, scores)));
    },
    dispose() {},
  };
  return {
    batches,
    async detect(options: Partial<Parameters<typeof detectFaces>[2]>) {
      return detectFaces(
        source,
        { detector, refiner: detector, presenceScorer: undefined },
        {
          minScore: 0.5,
          maxFaces: Number.POSITIVE_INFINITY,
          thorough: false,
          minSize: { pixels: 100, share: 0 },
          ...options,
        },
      );
    },
  };
}

const left: Square = { x: 100, y: 200, width: 100, height: 100, scores: [0.6, 0.8] };
const right: Square = { x: 560, y: 260, width: 100, height: 100, scores: [0.9, 0.9] };

describe('detectFaces', () => {
  test('returns faces strongest first, with the mean score and boxes within 2.5 pixels of the refiner’s crop', async () => {
    const faces = await scene([left, right]).detect({});
    expect(faces.map(({ score }) => score)).toEqual([expect.closeTo(0.9, 10), expect.closeTo(0.7, 10)]);
    // A refiner's crop has 96 pixels for 300 source pixels.
    [right, left].forEach((square, i) => {
      const { box, keypoints } = faces[i] as Face;
      for (const side of ['x', 'y', 'width', 'height'] as const) {
        expect(Math.abs(box[side] - square[side])).toBeLessThan(2.5 * (300 / 96));
      }
      expect(Math.abs((keypoints?.rightEye.x ?? Number.NaN) - (square.x + 30))).toBeLessThan(2.5 * (300 / 96));
      expect(Math.abs((keypoints?.mouth.y ?? Number.NaN) - (square.y + 80))).toBeLessThan(2.5 * (300 / 96));
    });
  });

  test('returns one face per head, even if several views found it', async () => {
    const faces = await scene([left, right]).detect({ thorough: true });
    expect(faces).toHaveLength(2);
    const boxes = faces.map(({ box }) => Math.round(box.x / 100)).sort();
    expect(boxes).toEqual([1, 6]);
  });

  test('applies maxFaces and minScore', async () => {
    const [strongest, ...rest] = await scene([left, right]).detect({ maxFaces: 1 });
    expect(rest).toEqual([]);
    expect(Math.abs((strongest?.box.x ?? 0) - 560)).toBeLessThan(10);
    expect(await scene([left, right]).detect({ minScore: 0.75 })).toHaveLength(1);
    // The threshold applies to the mean of 0.6 and 0.8.
    expect(await scene([left]).detect({ minScore: 0.69 })).toHaveLength(1);
    expect(await scene([left]).detect({ minScore: 0.71 })).toHaveLength(0);
  });

  test('searches every view of a picture without a face', async () => {
    const empty = scene([]);
    expect(await empty.detect({})).toEqual([]);
    const { length } = rotatedViews({ width: 800, height: 600 }, 96);
    expect(empty.batches).toEqual([1, length]);
  });
});
