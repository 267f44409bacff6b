import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { readerBeside } from '../../../../cli/read-beside.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { type WrittenTensor, writeOnnx } from '../../../support/published/onnx-writer.ts';
import { conversionData, crop, maxDifference, resized, rgb, runOnKernels } from './support/run-converted.ts';

const parent = mkdtempSync(join(tmpdir(), 'facenet-web-external-'));
const folder = join(parent, 'model');
const written = (name: string) => new Uint8Array(readFileSync(new URL(name, conversionData)));

beforeAll(() => {
  mkdirSync(join(folder, 'part'), { recursive: true });
  copyFileSync(new URL('external.bin', conversionData), join(folder, 'external.bin'));
  writeFileSync(join(folder, 'part/weights.bin'), new Uint8Array(48));
  writeFileSync(join(parent, 'secret.bin'), new Uint8Array(48));
  symlinkSync(join(parent, 'secret.bin'), join(folder, 'link.bin'));
  symlinkSync(parent, join(folder, 'outside'));
  const huge = openSync(join(folder, 'huge.bin'), 'w');
  ftruncateSync(huge, 2 ** 32);
  closeSync(huge);
});
afterAll(() => rmSync(parent, { recursive: true }));

test('a file whose weights and constants the onnx package stored outside it has the output of ONNX Runtime Web', async () => {
  const [model, data] = [written('external.onnx'), written('external.bin')];
  const image = resized(crop(1), 8);
  const planes = Float32Array.from({ length: 192 }, (_, i) => {
    return ((image.data[(i % 64) * 4 + Math.floor(i / 64)] as number) - 127.5) / 127.5;
  });
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { externalData: [{ path: 'external.bin', data }] });
  const { y } = await session.run({ x: new ort.Tensor('float32', planes, [1, 3, 8, 8]) });
  const path = join(folder, 'external.onnx');
  const read = await readModel(path, model, undefined, { readBeside: readerBeside(path) });
  const outputs = await runOnKernels(read, [image], rgb(8, 8, 127.5));
  expect(maxDifference(outputs.y as Float32Array, y?.data as Float32Array)).toBeLessThan(1e-4);
});

/** Converts a network whose filter of 4·3·1·1 floats is in another file. */
function read(external: Record<string, string>, w: Partial<WrittenTensor> = {}) {
  const filter: WrittenTensor = { shape: [4, 3, 1, 1], external, ...w };
  const file = writeOnnx([{ op: 'Conv', inputs: ['x', 'w'], output: 'y' }], { w: filter });
  const path = join(folder, 'model.onnx');
  return readModel(path, file, undefined, { readBeside: readerBeside(path) });
}

test.each<[string, Record<string, string>]>([
  ['without offset and length', { location: 'part/weights.bin' }],
  ['with both', { location: 'part/weights.bin', offset: '0', length: '48' }],
  ['with a path that begins with ./', { location: './part/weights.bin' }],
  ['with a checksum', { location: 'part/weights.bin', checksum: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }],
  ['after other data', { location: 'external.bin', offset: '2568' }],
])('reads a tensor %s', async (_, external) => {
  expect((await read(external)).outputs).toEqual(['y']);
});

test.each<[string, Record<string, string>, 'model-file-damaged' | 'model-file-unsupported', RegExp]>([
  ['the path of a parent folder', { location: '../secret.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a path with .. in it', { location: 'part/../../secret.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['an absolute path', { location: join(parent, 'secret.bin') }, 'model-file-unsupported', /beside model\.onnx/],
  ['a path of Windows', { location: '..\\secret.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a URL', { location: 'https://example.com/w.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a null byte in the path', { location: 'part/weights.bin\0' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a link out of the folder', { location: 'link.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a path over a linked folder', { location: 'outside/secret.bin' }, 'model-file-unsupported', /beside model\.onnx/],
  ['a file that is missing', { location: 'none.bin' }, 'model-file-unsupported', /does not exist/],
  ['a folder', { location: 'part' }, 'model-file-unsupported', /not a file of at most/],
  ['a file of 4 GiB', { location: 'huge.bin', length: '48' }, 'model-file-unsupported', /not a file of at most/],
  ['no path', { offset: '0' }, 'model-file-damaged', /names no file/],
  ['a negative offset', { location: 'part/weights.bin', offset: '-48' }, 'model-file-damaged', /impossible offset/],
  ['an offset that is no number', { location: 'part/weights.bin', offset: 'NaN' }, 'model-file-damaged', /offset/],
  ['an offset with an exponent', { location: 'part/weights.bin', offset: '1e1' }, 'model-file-damaged', /offset/],
  ['a negative length', { location: 'part/weights.bin', length: '-1' }, 'model-file-damaged', /impossible length/],
  ['a length of 4 GiB', { location: 'part/weights.bin', length: '4294967296' }, 'model-file-damaged', /needs 48 bytes/],
  ['a shorter length', { location: 'part/weights.bin', length: '44' }, 'model-file-damaged', /states 44/],
  ['an end beyond the file', { location: 'part/weights.bin', offset: '4' }, 'model-file-damaged', /has 48/],
  ['an offset of 2⁵⁰', { location: 'part/weights.bin', offset: '999999999999999' }, 'model-file-damaged', /has 48/],
])('refuses external data with %s within a second', async (_, external, code, message) => {
  const start = performance.now();
  const call = read(external);
  expect(await errorCodeOf(call)).toBe(code);
  await expect(call).rejects.toThrow(message);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('refuses a shape of a terabyte on a file of a kilobyte', async () => {
  const call = read({ location: 'part/weights.bin' }, { shape: [1e6, 1e6] });
  expect(await errorCodeOf(call)).toBe('model-file-damaged');
});

test('asks for no file beside the model that its path rule refuses', async () => {
  const asked: string[] = [];
  const file = writeOnnx([{ op: 'Conv', inputs: ['x', 'w'], output: 'y' }], {
    w: { shape: [4, 3, 1, 1], external: { location: '../w.bin' } },
  });
  const readBeside = async (path: string) => {
    asked.push(path);
    return new Uint8Array(48);
  };
  expect(await errorCodeOf(readModel('model.onnx', file, undefined, { readBeside }))).toBe('model-file-unsupported');
  expect(asked).toEqual([]);
});

test('names the file that is needed if none can be read', async () => {
  await expect(readModel('external.onnx', written('external.onnx'), undefined)).rejects.toThrow(
    /"external\.bin": give/,
  );
});
