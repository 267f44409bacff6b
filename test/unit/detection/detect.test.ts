import { describe, expect, test } from 'vitest';
import { intersectionOverSmaller, intersectionOverUnion } from '../../../lib/core/overlap.ts';
import type { Face, Keypoints, Pixels } from '../../../lib/core/types.ts';
import { detectFaces } from '../../../lib/detection/detect.ts';
import type { Detector } from '../../../lib/detection/detector.ts';
import { anchorCentres } from '../../../lib/detection/networks/blazeface.ts';
import { blend, suppress } from '../../../lib/detection/suppression.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';

const box = (x: number, y: number, width: number, height = width) => ({ x, y, width, height });

/** An upright face in a square box. */
function face(x: number, y: number, size: number, score: number): Face & { keypoints: Keypoints } {
  const at = (u: number, v: number) => ({ x: x + u * size, y: y + v * size });
  return {
    box: box(x, y, size),
    score,
    roll: 0,
    keypoints: {
      rightEye: at(0.3, 0.4),
      leftEye: at(0.7, 0.4),
      noseTip: at(0.5, 0.6),
      mouth: at(0.5, 0.8),
      rightEar: at(0, 0.5),
      leftEar: at(1, 0.5),
    },
  };
}

describe('overlap', () => {
  test.each([
    [box(0, 0, 2), box(1, 0, 2), 1 / 3, 1 / 2],
    [box(0, 0, 2), box(1, 1, 2), 1 / 7, 1 / 4],
    [box(0, 0, 4), box(1, 1, 2), 1 / 4, 1],
    [box(0, 0, 2), box(2, 0, 2), 0, 0],
    [box(0, 0, 2), box(0, 0, 2), 1, 1],
  ])('matches the hand-computed values for %j and %j', (a, b, union, smaller) => {
    expect(intersectionOverUnion(a, b)).toBeCloseTo(union, 12);
    expect(intersectionOverUnion(b, a)).toBeCloseTo(union, 12);
    expect(intersectionOverSmaller(a, b)).toBeCloseTo(smaller, 12);
  });
});

describe('non-maximum suppression', () => {
  test('keeps the strongest of overlapping faces, strongest first', () => {
    const [weak, strong, apart] = [face(1, 0, 10, 0.6), face(0, 0, 10, 0.9), face(50, 0, 10, 0.7)];
    const kept = suppress([weak, strong, apart], (a, b) => intersectionOverUnion(a.box, b.box) > 0.3);
    expect(kept).toEqual([strong, apart]);
  });

  test('blending takes the score-weighted mean of candidates that overlap the strongest closely', () => {
    const [blended, ...rest] = blend([face(0, 0, 10, 0.9), face(2, 0, 10, 0.3), face(5, 0, 10, 0.2)], 0.3, 0.5);
    expect(rest).toEqual([]);
    // The third candidate overlaps by a third: it is suppressed, but does not contribute to the mean.
    expect(blended?.box.x).toBeCloseTo((0 * 0.9 + 2 * 0.3) / 1.2, 12);
    expect(blended?.keypoints.rightEye.x).toBeCloseTo(3 + 0.5, 12);
    expect(blended?.score).toBe(0.9);
  });

  test('blending keeps two heads side by side', () => {
    expect(blend([face(0, 0, 10, 0.9), face(6, 0, 10, 0.8)], 0.3, 0.5)).toHaveLength(2);
  });
});

describe('BlazeFace anchors', () => {
  test('are the centres of 896 cells for the short range and 2304 for the full range', () => {
    const short = anchorCentres(
      [
        { stride: 8, perCell: 2 },
        { stride: 16, perCell: 6 },
      ],
      128,
    );
    expect(short).toHaveLength(16 * 16 * 2 + 8 * 8 * 6);
    expect(short[0]).toEqual({ x: 4, y: 4 });
    expect(short[2]).toEqual({ x: 12, y: 4 });
    expect(short[512]).toEqual({ x: 8, y: 8 });
    const full = anchorCentres([{ stride: 4, perCell: 1 }], 192);
    expect(full).toHaveLength(2304);
    expect(full[49]).toEqual({ x: 6, y: 6 });
  });
});

/** A detector that finds a white square on black, in any view, and a record of its input images. */
function squareDetector(score: number) {
  const images: Pixels[] = [];
  const detector: Detector = {
    name: 'white square',
    inputSize: 64,
    async find(pictures) {
      const all = [...pictures];
      images.push(...all);
      return all.map(({ data }) => {
        const [xs, ys]: [number[], number[]] = [[], []];
        for (let i = 0; i < 64 * 64; i++) {
          if ((data[i * 4] as number) < 128) continue;
          xs.push(i % 64);
          ys.push(Math.floor(i / 64));
        }
        if (xs.length === 0) return [];
        const [left, top] = [Math.min(...xs), Math.min(...ys)];
        return [face(left, top, Math.max(...xs) - left + 1, score)];
      });
    },
    dispose() {},
  };
  return { detector, images };
}

const squarePicture: PixelSource = {
  width: 640,
  height: 480,
  read(region) {
    const data = new Uint8ClampedArray(region.width * region.height * 4);
    for (let i = 0; i < region.width * region.height; i++) {
      const [x, y] = [region.x + (i % region.width), region.y + Math.floor(i / region.width)];
      data.fill(x >= 400 && x < 480 && y >= 100 && y < 180 ? 255 : 0, i * 4, i * 4 + 3);
    }
    return { ...region, data };
  },
};

const withRefiner = (detector: Detector) => ({ detector, refiner: detector, presenceScorer: undefined });
const limits = { minScore: 0.5, maxFaces: 10, thorough: false, minSize: { pixels: 100, share: 0 } };

describe('detectFaces', () => {
  test('maps the refined face to source pixels', async () => {
    const { detector, images } = squareDetector(0.8);
    const [found, ...rest] = await detectFaces(squarePicture, withRefiner(detector), limits);
    expect(rest).toEqual([]);
    expect(images).toHaveLength(2);
    // A pixel of the refiner's crop covers less than four source pixels.
    for (const [value, expected] of [
      [found?.box.x, 400],
      [found?.box.y, 100],
      [found?.box.width, 80],
      [found?.keypoints?.leftEye.x, 456],
    ] as const) {
      expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThan(5);
    }
  });

  test('runs the refiner on the whole picture when thorough, and on rotated views if nothing is found', async () => {
    const [first, second] = [squareDetector(0.9), squareDetector(0.9)];
    const two = { ...withRefiner(first.detector), refiner: second.detector };
    await detectFaces(squarePicture, two, { ...limits, thorough: true });
    expect(first.images).toHaveLength(1);
    // The whole picture upright and upside down, and a crop of the candidate.
    expect(second.images).toHaveLength(2 + 1);
    const doubtful = squareDetector(0.6);
    await detectFaces(squarePicture, { ...two, refiner: doubtful.detector }, { ...limits, thorough: true });
    // A square is found upright and upside down: without a clear score both candidates are refined.
    expect(doubtful.images).toHaveLength(2 + 2);
    const alone = squareDetector(0.8);
    await detectFaces(
      squarePicture,
      { ...withRefiner(alone.detector), refiner: undefined },
      { ...limits, thorough: true },
    );
    expect(alone.images).toHaveLength(1 + 5);
    const nothing = squareDetector(0.1);
    expect(await detectFaces(squarePicture, withRefiner(nothing.detector), limits)).toEqual([]);
    expect(nothing.images).toHaveLength(1 + 5);
  });

  test('stops between detector runs when it is aborted', async () => {
    const controller = new AbortController();
    const { detector, images } = squareDetector(0.8);
    const find = detector.find;
    detector.find = (pictures) => {
      controller.abort(new Error('enough'));
      return find(pictures);
    };
    await expect(detectFaces(squarePicture, withRefiner(detector), limits, controller.signal)).rejects.toThrow(
      'enough',
    );
    expect(images).toHaveLength(1);
  });
});
