import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodesOf } from '../../../../cli/convert/graph/graph-model.ts';
import { type ReadModel, readModel } from '../../../../cli/convert/read-model.ts';
import type { Pixels } from '../../../../lib/core/types.ts';
import { toInput } from '../../../../lib/runtime/preprocess.ts';
import { crop, maxDifference, resized, rgb, runOnKernels } from './support/run-converted.ts';

const folder = new URL('../../../../node_modules/faceplugin-face-recognition-js/model/', import.meta.url);

/** The networks of the package, and the size of their images. PyTorch 1.2 to 1.10 exported them, with operator set 9. */
const files = {
  fr_feature: [112, 112],
  fr_detect: [320, 240],
  fr_landmark: [64, 64],
  fr_liveness: [128, 128],
  fr_pose: [224, 224],
  fr_age: [64, 64],
  fr_eye: [24, 24],
} as const;

beforeAll(() => {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = 1;
});

describe.each(Object.entries(files))('%s.onnx', (name, [width, height]) => {
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
  const preprocessing = rgb(width, height, 128);

  test('has the outputs of ONNX Runtime Web on three real crops, on the kernels', async () => {
    const images = [1, 2, 3].map((number) => resized(crop(number), width, height));
    const read = await readModel(`${name}.onnx`, bytes, undefined);
    // MobileFaceNet needs no values moved; the channel shuffles of fr_pose do.
    if (name === 'fr_feature') expect(nodesOf(read).map(({ op }) => op)).not.toContain('Transpose');
    const expected = await reference(bytes, images, preprocessing);
    const actual = await runOnKernels(read, images, preprocessing);
    expect(Object.keys(actual).sort()).toEqual(namesOf(read, Object.keys(expected)));
    for (const [output, values] of Object.entries(expected)) {
      expect(maxDifference(actual[output] ?? [], values), output).toBeLessThan(1e-3);
    }
  });
});

/** The names of the outputs. */
function namesOf({ outputs }: ReadModel, given: string[]): string[] {
  expect(outputs).toHaveLength(given.length);
  return given.sort();
}

/** The outputs for the images, one after the other. */
async function reference(
  bytes: Uint8Array,
  images: readonly Pixels[],
  preprocessing: ReturnType<typeof rgb>,
): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const [input = ''] = session.inputNames;
  const [metadata] = session.inputMetadata;
  const channels = metadata?.isTensor ? Number(metadata.shape[1]) : 0;
  const results: Record<string, number[]> = {};
  for (const image of images) {
    const planes = planesOf(toInput([image], preprocessing), channels);
    const tensor = new ort.Tensor('float32', planes, [1, channels, image.height, image.width]);
    const outputs = await session.run({ [input]: tensor });
    for (const [name, { data }] of Object.entries(outputs)) {
      results[name] = [...(results[name] ?? []), ...(data as Float32Array)];
    }
  }
  await session.release();
  return results;
}

/** NHWC → NCHW of one image; for a network for grey images its luma. */
function planesOf(pixels: Float32Array, channels: number): Float32Array {
  const count = pixels.length / 3;
  const luma = [0.299, 0.587, 0.114];
  return Float32Array.from({ length: channels * count }, (_, i) => {
    if (channels === 3) return pixels[(i % count) * 3 + Math.floor(i / count)] as number;
    return luma.reduce((sum, weight, channel) => sum + weight * (pixels[i * 3 + channel] as number), 0);
  });
}
