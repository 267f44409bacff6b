import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import type { Face } from '../../../lib/core/types.ts';
import { detectFaces } from '../../../lib/detection/detect.ts';
import type { Detector } from '../../../lib/detection/detector.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';
import { networkLandmarker } from '../../../lib/landmarks/landmarker.ts';
import type { LandmarksDescriptor, Manifest } from '../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../support/recording-network.ts';

const manifest = JSON.parse(
  readFileSync(new URL('../../../public/models/manifest.json', import.meta.url), 'utf8'),
) as Manifest;
const mesh = manifest.models.find(({ name }) => name === 'facemesh-468') as LandmarksDescriptor;

const next = seeded(3);
const picture = pixelPicture({
  width: 400,
  height: 300,
  data: new Uint8ClampedArray(400 * 300 * 4).map(() => next() * 256),
});

/** A landmarker whose points and presence depend on the crop. */
async function meshLandmarker(passes: 1 | 2) {
  const { network, images } = await recordingNetwork(mesh, ({ data }) => [
    Float32Array.from({ length: 468 * mesh.valuesPerPoint }, (_, i) => 60 + ((data[i * 4] as number) % 64)),
    Float32Array.of(0.9),
  ]);
  return { landmarker: networkLandmarker(network, mesh, passes), images };
}

/** A detector that finds the same faces in every image. */
function constantDetector(faces: readonly Face[]): Detector {
  return {
    name: 'constant',
    inputSize: 400,
    find: async (pictures) => [...pictures].map(() => [...faces]),
    dispose() {},
  };
}

const certain: Face = { box: { x: 40, y: 150, width: 80, height: 80 }, score: 0.9, roll: 0 };
const doubtful: Face = { box: { x: 240, y: 150, width: 80, height: 80 }, score: 0.6, roll: 0.1 };
const limits = { minScore: 0.5, maxFaces: 10, thorough: false, minSize: { pixels: 100, share: 0 } };

describe.each([1, 2] as const)('a landmarker with %i passes', (passes) => {
  test('runs its first pass once on the faces whose presence it scored', async () => {
    const { landmarker, images } = await meshLandmarker(passes);
    const { presenceScorer } = landmarker;
    const detector = constantDetector([certain, doubtful]);
    const faces = await detectFaces(picture, { detector, refiner: undefined, presenceScorer }, limits);
    // The geometric mean of the detection score and the presence: the detector finds no keypoints.
    expect(faces.map(({ score }) => score)).toEqual([expect.closeTo(0.9, 6), expect.closeTo(Math.sqrt(0.6 * 0.9), 6)]);
    expect(images).toHaveLength(2);
    await landmarker.find(picture, faces);
    expect(images).toHaveLength(2 + (passes === 2 ? 2 : 0));
  });

  test('finds the same landmarks with and without the result of the first pass', async () => {
    const { landmarker } = await meshLandmarker(passes);
    const [score] = (await landmarker.presenceScorer?.(picture, [doubtful])) ?? [];
    const firstPass = score?.firstPass;
    expect(firstPass?.points).toHaveLength(468);
    const reused = await landmarker.find(picture, [certain, { ...doubtful, ...(firstPass && { firstPass }) }]);
    expect(reused).toEqual(await landmarker.find(picture, [certain, doubtful]));
  });
});

test('a network without a presence output has no presence scorer', async () => {
  const points = manifest.models.find(({ name }) => name === 'face-api-68') as LandmarksDescriptor;
  const { network } = await recordingNetwork(points, () => [new Float32Array(136)]);
  expect(networkLandmarker(network, points, 1).presenceScorer).toBeUndefined();
});
