import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { landmarkPresets } from '../../../cli/convert/presets/landmark-presets.ts';
import { widerFaceBox } from '../../../cli/convert/presets/wider-face-box.ts';
import { seeded } from '../../../lib/core/random.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';
import { networkLandmarker } from '../../../lib/landmarks/landmarker.ts';
import type { LandmarksDescriptor } from '../../../lib/models/manifest.ts';
import { recordingNetwork } from '../../support/recording-network.ts';

// The outputs are random. test/reference/decoders.py draws the same ones and decodes them as the publishers' code does.
const { landmarkers } = JSON.parse(readFileSync('test/reference/decoders.json', 'utf8')) as {
  landmarkers: { preset: keyof typeof landmarkPresets; seed: number; points: number[] }[];
};

/** The range of the random outputs. */
const ranges: Record<string, readonly [low: number, high: number]> = {
  'insightface-2d106': [-1, 1],
  'pfld-68': [0, 1],
};

/** The crop's side as a multiple of that of a detector which was trained on WIDER FACE. */
const cropScales: Record<string, number> = { 'insightface-2d106': 1.5, 'pfld-68': 1.1 };

test.each(landmarkers)('$preset reads the points of the published code', async ({ preset, seed, points }) => {
  const [low, high] = ranges[preset] as [number, number];
  const random = seeded(seed);
  const output = Float32Array.from(points, () => low + random() * (high - low));
  const descriptor: LandmarksDescriptor = {
    ...(landmarkPresets[preset] as (typeof landmarkPresets)[string]),
    name: preset,
    task: 'landmarks',
    engine: 'tfjs',
    files: [],
    input: { name: 'image', shape: [] },
    outputs: [{ name: 'points', shape: [-1, points.length] }],
    source: { package: '', version: '', files: [], conversion: '' },
  };
  const { network } = await recordingNetwork(descriptor, () => [output]);
  const size = descriptor.preprocessing.width;
  const picture = pixelPicture({ width: 300, height: 300, data: new Uint8ClampedArray(300 * 300 * 4) });
  // The box that such a detector reports for its own box of `side` pixels about (150, 150).
  const side = size / (cropScales[preset] as number);
  const half = (side * widerFaceBox.scale) / 2;
  const [x, y] = [150 - half, 150 + widerFaceBox.shift * side - half];
  const face = { box: { x, y, width: 2 * half, height: 2 * half }, score: 1, roll: 0 };
  const [landmarks] = await networkLandmarker(network, descriptor, 1).find(picture, [face]);
  expect(landmarks?.scheme).toBe(descriptor.scheme);
  // The crop is as large as the network's input, so that its pixels are those of the picture.
  const found = landmarks?.points.flatMap((point) => [point.x - 150 + size / 2, point.y - 150 + size / 2]) ?? [];
  expect(found).toHaveLength(points.length);
  expect(Math.max(...found.map((value, i) => Math.abs(value - (points[i] as number))))).toBeLessThan(1e-3);
});
