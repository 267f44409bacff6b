import { expect, test } from 'vitest';
import type { Pixels } from '../../../lib/core/types.ts';
import type { DetectedFace, Detector, PresenceScorer } from '../../../lib/detection/detector.ts';
import { rescoreDoubtful } from '../../../lib/detection/rescore-doubtful.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';

const size = 100;

/** A picture whose red value is the column. */
const data = new Uint8ClampedArray(4 * size * size).map((_, i) => (i % 4 === 0 ? (i / 4) % size : 255));
const picture: PixelSource = {
  width: size,
  height: size,
  read: () => ({ x: 0, y: 0, width: size, height: size, data }),
};

const landmarks = { scheme: 'mesh-468', points: [] } as unknown as NonNullable<DetectedFace['firstPass']>;
const face = (score: number, roll = 0): DetectedFace => ({ box: { x: 45, y: 45, width: 10, height: 10 }, score, roll });

/** A face that was found, with the presence in the crop of its box. */
const scored = (score: number, presence: number): DetectedFace => ({
  ...face(score),
  firstPass: { ...landmarks, presence },
});

/** Networks that answer every crop alike, and a record of what they are asked. */
function networks(cropScore: number, presence: number) {
  const crops: Pixels[] = [];
  const rolls: number[] = [];
  const detector: Detector = {
    name: 'middle',
    inputSize: 50,
    async find(pictures) {
      const all = [...pictures];
      crops.push(...all);
      return all.map(() => [{ box: { x: 20, y: 20, width: 10, height: 10 }, score: cropScore, roll: 0 }]);
    },
    dispose() {},
  };
  const presenceScorer: PresenceScorer = async (_, faces) => {
    rolls.push(...faces.map(({ roll }) => roll));
    return faces.map(() => ({ presence, firstPass: landmarks }));
  };
  return { detector, presenceScorer, crops, rolls };
}

function searchWith({ detector, presenceScorer }: ReturnType<typeof networks>, known: DetectedFace[] = []) {
  const common = { picture, refiner: undefined, uprightRoll: 0, thorough: true, signal: undefined };
  return { ...common, detector, presenceScorer, known };
}

test('finds an upright face that both further crops and the presences in crops of three rolls confirm', async () => {
  const given = networks(0.7, 0.95);
  const [found] = await rescoreDoubtful(searchWith(given), [face(0.2)]);
  expect(found?.score).toBeGreaterThan(0.8);
  expect(given.rolls.map((roll) => Math.round((roll * 180) / Math.PI))).toEqual([-15, 0, 15]);
});

test('does not find what the networks deny', async () => {
  for (const [cropScore, presence] of [
    [0.7, 0.02],
    [0.1, 0.3],
  ] as const) {
    const [found] = await rescoreDoubtful(searchWith(networks(cropScore, presence)), [face(0.45)]);
    expect(found?.score).toBeLessThan(0.5);
  }
});

test('does not find what the detector sees in neither crop, whatever the presence', async () => {
  const [found] = await rescoreDoubtful(searchWith(networks(0.1, 1)), [face(0.45)]);
  expect(found?.score).toBe(0.45);
});

test('no longer finds what the mesh denies in all crops, unless the detector is sure in its own', async () => {
  const scoresOf = async (cropScore: number, presence: number) => {
    const faces = [scored(0.55, 0.1), scored(0.8, 0.1)];
    const found = await rescoreDoubtful(searchWith(networks(cropScore, presence)), faces);
    return found.map(({ score }) => score >= 0.5);
  };
  expect(await scoresOf(0.7, 0.02)).toEqual([false, false]);
  expect(await scoresOf(0.85, 0.02)).toEqual([false, true]);
  expect(await scoresOf(0.7, 0.5)).toEqual([true, true]);
});

test('finds a rolled head only with stronger evidence than an upright one', async () => {
  const isFoundWith = async (presence: number, roll: number) => {
    const [found] = await rescoreDoubtful(searchWith(networks(0.7, presence)), [face(0.3, roll)]);
    return (found?.score ?? 0) >= 0.5;
  };
  expect([await isFoundWith(0.7, 0.3), await isFoundWith(0.7, 0.4), await isFoundWith(0.97, 0.4)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('examines the crop and its mirror image', async () => {
  const { crops, ...given } = networks(0.7, 0.95);
  await rescoreDoubtful(searchWith({ crops, ...given }), [face(0.2)]);
  const [crop, mirror] = crops as [Pixels, Pixels];
  const row = ({ data: pixels }: Pixels) => Array.from({ length: 50 }, (_, x) => pixels[4 * (25 * 50 + x)]);
  expect(row(mirror)).toEqual(row(crop).reverse());
  expect(row(mirror)).not.toEqual(row(crop));
});

test('leaves confirmed, clear, weak, found rolled and known faces as they are', async () => {
  const known = face(0.2);
  const faces = [scored(0.6, 0.9), scored(0.9, 0.1), face(0.05), { ...scored(0.6, 0.1), roll: 0.4 }, known];
  const given = networks(0.7, 0.95);
  expect(await rescoreDoubtful(searchWith(given, [known]), faces)).toEqual(faces);
  expect(given.crops).toEqual([]);
});
