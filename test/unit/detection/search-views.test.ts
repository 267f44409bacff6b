import { expect, test } from 'vitest';
import { boxCentre } from '../../../lib/core/math.ts';
import type { Face, Pixels } from '../../../lib/core/types.ts';
import { detectFaces } from '../../../lib/detection/detect.ts';
import type { DetectedFace, Detector, PresenceScorer } from '../../../lib/detection/detector.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';

const inputSize = 64;
const minSize = 20;

/** A picture with a white square of `minSize` pixels on black. */
function squareAt(left: number, top: number): PixelSource {
  return {
    width: 640,
    height: 480,
    read(region) {
      const data = new Uint8ClampedArray(region.width * region.height * 4);
      for (let i = 0; i < region.width * region.height; i++) {
        const [x, y] = [region.x + (i % region.width) - left, region.y + Math.floor(i / region.width) - top];
        data.fill(x >= 0 && x < minSize && y >= 0 && y < minSize ? 255 : 0, i * 4, i * 4 + 3);
      }
      return { ...region, data };
    },
  };
}

/** Detects the white square: weakly, unless it fills a third of the view. */
const squareDetector = (weakScore: number): Detector => ({
  name: 'white square',
  inputSize,
  async find(pictures) {
    return [...pictures].map((pixels) => squareIn(pixels, weakScore));
  },
  dispose() {},
});

function squareIn({ data }: Pixels, weakScore: number): Face[] {
  const white = Array.from({ length: inputSize ** 2 }, (_, i) => i).filter((i) => (data[i * 4] as number) >= 128);
  if (white.length === 0) return [];
  const [xs, ys] = [white.map((i) => i % inputSize), white.map((i) => Math.floor(i / inputSize))];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) + 1 - x, Math.max(...ys) + 1 - y];
  const point = boxCentre({ x, y, width, height });
  const keypoints = { rightEye: point, leftEye: point, noseTip: point, mouth: point, rightEar: point, leftEar: point };
  return [{ box: { x, y, width, height }, score: width > inputSize / 4 ? 0.9 : weakScore, roll: 0, keypoints }];
}

const nothing: Detector = {
  ...squareDetector(0),
  async find(pictures) {
    return [...pictures].map(() => []);
  },
};

const presenceScorer: PresenceScorer = async (_, faces) =>
  faces.map(() => ({
    presence: 0.99,
    disagreement: 0.02,
    firstPass: { scheme: 'mesh-468', points: [] } as unknown as NonNullable<DetectedFace['firstPass']>,
  }));

/** The number of found faces. Only tiles show the square to the refiner. */
async function countFaces(picture: PixelSource, scoreInTile: number): Promise<number> {
  const detectors = { detector: nothing, refiner: squareDetector(scoreInTile), presenceScorer };
  const limits = { minScore: 0.5, maxFaces: 10, thorough: false, minSize: { pixels: minSize, share: 0 } };
  return (await detectFaces(picture, detectors, limits)).length;
}

test.each([
  ['the left', 0, 200],
  ['the right', 620, 200],
  ['the top', 300, 0],
  ['the bottom', 300, 460],
  ['a corner', 6, 454],
])('examines a small face at %s of the picture at a lower score than one inside', async (_, left, top) => {
  expect(await countFaces(squareAt(left, top), 0.2)).toBe(1);
  // Weaker candidates are noise there, too.
  expect(await countFaces(squareAt(left, top), 0.11)).toBe(0);
});

test('examines small faces inside the picture if they are clear enough in a tile', async () => {
  expect(await countFaces(squareAt(300, 220), 0.2)).toBe(0);
  expect(await countFaces(squareAt(300, 220), 0.35)).toBe(1);
});
