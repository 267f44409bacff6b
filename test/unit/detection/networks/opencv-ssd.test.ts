import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeCaffeSsd } from '../../../../cli/convert/classical/describe-caffe-ssd.ts';
import { kernelGaps } from '../../../../cli/convert/kernel-support.ts';
import type { Pixels } from '../../../../lib/core/types.ts';
import { priorDecoder } from '../../../../lib/detection/networks/priors/decode-priors.ts';
import { priorDetector } from '../../../../lib/detection/networks/priors/prior-detector.ts';
import { searchPicture } from '../../../../lib/detection/search-picture.ts';
import { resizedLinearly } from '../../../../lib/image/linear-resize.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import type { DetectionDescriptor, ModelFile, PriorHead } from '../../../../lib/models/manifest.ts';
import { parseManifest } from '../../../../lib/models/manifest-schema.ts';
import { KernelRunner } from '../../../../lib/runtime/kernels/kernel-runner.ts';
import { NetworkLoader } from '../../../../lib/runtime/network-loader.ts';
import { pythonProblemOf, referenceFolder, runPython } from '../../../support/classical-reference.ts';
import { readPng } from '../../../support/png.ts';
import { compileKernels, supportedKernels } from '../../runtime/kernels/support/kernel-files.ts';

/** What OpenCV computed with a network: samples of its outputs, and its detections with the corners of their boxes. */
interface Expected {
  loc: { length: number; every97th: number[] };
  conf: { length: number; every97th: number[] };
  faces: { score: number; box: [number, number, number, number] }[];
}

/** What ssd_numbers.py writes beside networks of the layout of res10 with random weights. */
type Numbers = { resized: [number, number, number][] } & Record<'ssd' | 'ssd-fp16', Expected>;

const numbersIn = (folder: string): Numbers => JSON.parse(readFileSync(join(folder, 'ssd.json'), 'utf8'));
const numbers = numbersIn(referenceFolder);
const photo = readPng(join(referenceFolder, 'photo.png'));

const bytesOf = (folder: string, name: string) => new Uint8Array(readFileSync(join(folder, name)));

/** Converts a network, and loads it on the kernels. */
async function load(folder: string, name: string) {
  const { descriptor, files } = await describeCaffeSsd({
    description: bytesOf(folder, 'ssd.prototxt'),
    weights: bytesOf(folder, `${name}.caffemodel`),
    source: { package: 'test', version: '1', files: [] },
  });
  const listed = files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: '0'.repeat(64) }));
  const model = { ...descriptor, files: listed } as DetectionDescriptor & { head: PriorHead };
  const module = await compileKernels(supportedKernels[0] as string);
  const read = async ({ path }: ModelFile) =>
    files.find((file) => file.path === path)?.bytes as Uint8Array<ArrayBuffer>;
  const loader = new NetworkLoader(
    { description: 'kernels', start: (each, parts) => KernelRunner.start(each, parts, module) },
    read,
    undefined,
  );
  return { model, files, network: await loader.load(model) };
}

function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
}

test('a picture is resized as cv2.resize does', () => {
  const { data } = resizedLinearly(photo as Pixels, 300, 300);
  const found = numbers.resized.map((_, i) => [2, 1, 0].map((channel) => data[i * 997 * 4 + channel]));
  expect(found).toEqual(numbers.resized);
});

/** Compares the outputs and the boxes of a network with those of OpenCV. */
async function expectSameFaces(folder: string, name: 'ssd' | 'ssd-fp16'): Promise<void> {
  const { model, files, network } = await load(folder, name);
  const expected = numbersIn(folder)[name];
  expect(parseManifest({ version: 1, models: [model], engines: [] }, 'manifest.json').models).toEqual([model]);
  expect(kernelGaps(model, files)).toEqual([]);
  const [[loc, conf] = []] = await network.run([resizedLinearly(photo as Pixels, 300, 300)]);
  for (const [output, { length, every97th }, tolerance] of [
    [loc as Float32Array, expected.loc, 1e-3],
    [conf as Float32Array, expected.conf, 1e-4],
  ] as const) {
    expect(output).toHaveLength(length);
    expect(
      maxDifference(
        every97th.map((_, i) => output[97 * i] as number),
        every97th,
      ),
    ).toBeLessThan(tolerance);
  }
  const detector = priorDetector(network, model);
  const request = { minSize: { pixels: 25, share: 0 }, thorough: false, known: [] };
  const faces = await searchPicture(pixelPicture(photo), detector, request);
  expect(faces).toHaveLength(expected.faces.length);
  faces.forEach(({ box: { x, y, width, height }, score }, i) => {
    const { box, score: expectedScore } = expected.faces[i] as Expected['faces'][number];
    expect(Math.abs(score - expectedScore)).toBeLessThan(1e-4);
    expect(maxDifference([x, y, x + width, y + height], box), `face ${i}, in pixels`).toBeLessThan(0.05);
  });
  detector.dispose();
}

test.each(['ssd', 'ssd-fp16'] as const)('%s.caffemodel gives the outputs and the boxes of OpenCV', (name) =>
  expectSameFaces(referenceFolder, name),
);

const problem = pythonProblemOf(
  'import cv2, google.protobuf; cv2.dnn.readNetFromCaffe',
  'opencv-python-headless 4 or protobuf',
);

describe.skipIf(problem)(`networks that OpenCV runs now ${problem}`, () => {
  test('of the channels of res10 give its outputs and boxes', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssd-'));
    runPython([join(referenceFolder, 'ssd_numbers.py'), join(referenceFolder, 'photo.png'), folder, '1']);
    await expectSameFaces(folder, 'ssd');
    await expectSameFaces(folder, 'ssd-fp16');
    rmSync(folder, { recursive: true });
  });

  test('of the repository give the recorded boxes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssd-'));
    runPython([join(referenceFolder, 'ssd_numbers.py'), join(referenceFolder, 'photo.png'), folder, '16']);
    expect(bytesOf(folder, 'ssd.caffemodel')).toEqual(bytesOf(referenceFolder, 'ssd.caffemodel'));
    const { faces } = numbersIn(folder).ssd;
    expect(faces).toHaveLength(numbers.ssd.faces.length);
    faces.forEach(({ box }, i) => {
      expect(maxDifference(box, numbers.ssd.faces[i]?.box as number[])).toBeLessThan(0.01);
    });
    rmSync(folder, { recursive: true });
  });
});

test('outputs of another length are refused with the number of prior boxes', () => {
  const head: PriorHead = {
    type: 'priors',
    grids: [{ columns: 2, rows: 1, step: [8, 8], offset: 0.5, sizes: [[20, 20]] }],
    variances: [0.1, 0.1, 0.2, 0.2],
    minScore: 0.5,
    maxOverlap: 0.45,
    maxCandidates: 400,
    maxDetections: 200,
  };
  const outputs = [new Float32Array(8), Float32Array.of(0.1, 0.9, 0.6, 0.4)];
  const input = { width: 16, height: 8 };
  expect(priorDecoder('ssd', head, input)(outputs)).toEqual([
    { box: { x: -6, y: -6, width: 20, height: 20 }, score: Math.fround(0.9) },
  ]);
  expect(priorDecoder('ssd', { ...head, clipped: true }, input)(outputs)[0]?.box).toEqual({
    x: 0,
    y: 0,
    width: 14,
    height: 8,
  });
  expect(() => priorDecoder('ssd', head, { width: 16, height: 8 })([new Float32Array(4), new Float32Array(2)])).toThrow(
    /2 prior boxes/,
  );
});
