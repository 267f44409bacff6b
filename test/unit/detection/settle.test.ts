import { expect, test, vi } from 'vitest';
import type { DetectedFace, Detector, PresenceScorer } from '../../../lib/detection/detector.ts';
import { faceProbability, withUprightRoll } from '../../../lib/detection/evidence.ts';
import { settle } from '../../../lib/detection/settle.ts';
import { crowdedPictureTiles, tileLevels } from '../../../lib/detection/tiles.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';

const keypoints = Object.fromEntries(
  ['rightEye', 'leftEye', 'noseTip', 'mouth', 'rightEar', 'leftEar'].map((name) => [name, { x: 50, y: 50 }]),
) as unknown as NonNullable<DetectedFace['keypoints']>;

/** A picture with a white bar that is wider than high: it looks the same upside down, but not on its side. */
const picture: PixelSource = {
  width: 100,
  height: 100,
  read(region) {
    const data = new Uint8ClampedArray(region.width * region.height * 4);
    for (let i = 0; i < region.width * region.height; i++) {
      const [x, y] = [region.x + (i % region.width), region.y + Math.floor(i / region.width)];
      data.fill(x >= 40 && x < 60 && y >= 46 && y < 54 ? 255 : 0, i * 4, i * 4 + 3);
    }
    return { ...region, data };
  },
};

/** A refiner that confirms a head whose bar is horizontal in the crop. */
const refiner: Detector = {
  name: 'horizontal bar',
  inputSize: 60,
  async find(pictures) {
    return [...pictures].map(({ data }) => {
      const isWhite = (x: number, y: number) => (data[(y * 60 + x) * 4] as number) > 128;
      const isHorizontal = isWhite(24, 30) && isWhite(36, 30) && !isWhite(30, 24);
      return isHorizontal ? [{ box: { x: 20, y: 20, width: 20, height: 20 }, score: 0.9, roll: 0, keypoints }] : [];
    });
  },
  dispose() {},
};

/** Both rolls get evidence for a face, the upright one a little more. */
const presenceScorer: PresenceScorer = async (_, faces) =>
  faces.map(({ roll }) => ({
    presence: Math.abs(roll) < 1 ? 0.99 : 0.9,
    disagreement: Math.abs(roll) < 1 ? 0.02 : 0.03,
    firstPass: { scheme: 'mesh-468', points: [] } as unknown as NonNullable<DetectedFace['firstPass']>,
  }));

const search = {
  ...{ picture, detector: refiner, refiner, presenceScorer },
  ...{ known: [], uprightRoll: 0, thorough: false, signal: undefined },
};
const candidate = (score: number, roll: number) => ({ box: { x: 40, y: 40, width: 20, height: 20 }, score, roll });

test('an upright rival is tried also if the first candidate that the refiner confirms is a weaker, turned one', async () => {
  const alone = await settle(search, [candidate(0.8, Math.PI)], []);
  const behindAnother = await settle(search, [candidate(0.9, Math.PI / 2), candidate(0.8, Math.PI)], []);
  for (const faces of [alone, behindAnother]) {
    expect(faces).toHaveLength(1);
    expect(faces[0]?.roll).toBeCloseTo(0, 6);
    expect(faces[0]?.score).toBeGreaterThan(0.9);
  }
});

test('a detection that both passes score below 0.35 is dropped before the mesh is asked, also if it would be a face', async () => {
  expect(faceProbability({ score: 0.3, roll: 0 }, { presence: 1, disagreement: 0.02 }, 0)).toBeCloseTo(0.558, 3);
  expect(faceProbability({ score: 0.26, roll: 0 }, { presence: 1, disagreement: 0 }, 0)).toBeLessThan(0.5);
  for (const [first, refined, asked] of [
    [0.34, 0.34, 0],
    [0.36, 0.2, 1],
    [0.2, 0.36, 1],
  ] as const) {
    const weak: Detector = {
      ...refiner,
      find: async (pictures) =>
        (await refiner.find(pictures, undefined)).map((found) => found.map((face) => ({ ...face, score: refined }))),
    };
    const scorer = vi.fn(presenceScorer);
    const faces = await settle({ ...search, refiner: weak, presenceScorer: scorer }, [candidate(first, 0)], []);
    expect([scorer.mock.calls.length, faces.length], `${first} and ${refined}`).toEqual([asked, asked]);
  }
});

test('a detection without keypoints is a face only if neither network denies it', () => {
  const probability = (score: number, presence: number) => faceProbability({ score, roll: 0 }, { presence }, 0);
  expect(probability(0.95, 0.06)).toBeLessThan(0.3);
  expect(probability(0.3, 0.6)).toBeLessThan(0.5);
  expect(probability(0.8, 0.9)).toBeGreaterThan(0.8);
});

test('a found face has the same score whether the roll of most heads was known before or after it was scored', () => {
  const evidence = { presence: 0.8, disagreement: 0.04 };
  for (const [roll, uprightRoll] of [
    [3, Math.PI],
    [0.1, Math.PI],
    [Math.PI / 2, Math.PI / 2],
    [0.1, 0.3],
  ] as const) {
    const given = { ...candidate(0.7, roll), keypoints };
    const before = { ...given, score: faceProbability(given, evidence, 0) };
    const after = withUprightRoll({ ...search, uprightRoll }, before);
    expect(after.score).toBeCloseTo(faceProbability(given, evidence, uprightRoll), 10);
  }
});

test('a crowd is searched in tiles also in a picture that is too small for others', () => {
  const small = { width: 320, height: 240 };
  expect(tileLevels(small, 25, 128)).toEqual([]);
  const face = { box: { x: 100, y: 80, width: 27, height: 27 }, score: 0.9, roll: 0 };
  const tiles = crowdedPictureTiles(small, 25, [face, face]);
  expect(tiles.every(({ width }) => width === 160)).toBe(true);
  for (const [x, y] of [
    [0, 0],
    [319, 0],
    [0, 239],
    [319, 239],
  ] as const) {
    expect(
      tiles.some((tile) => x >= tile.x && x <= tile.x + tile.width && y >= tile.y && y <= tile.y + tile.height),
    ).toBe(true);
  }
  expect(crowdedPictureTiles(small, 25, [face])).toEqual([]);
  // Neither faces that cover enough of the picture nor smaller ones than asked for tell of a crowd.
  for (const width of [51, 20]) {
    const other = { ...face, box: { ...face.box, width, height: width } };
    expect(crowdedPictureTiles(small, 25, [other, other])).toEqual([]);
  }
});
