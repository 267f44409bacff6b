import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isClassicalFile, readClassical } from '../../../../cli/convert/classical/read-classical.ts';
import { readNetworkLayers } from '../../../../cli/convert/readers/dlib/network-layers.ts';
import { readObjectDetector } from '../../../../cli/convert/readers/dlib/object-detector.ts';
import { readShapePredictor } from '../../../../cli/convert/readers/dlib/shape-predictor.ts';
import { FaceNetError } from '../../../../lib/core/errors.ts';
import { seeded } from '../../../../lib/core/random.ts';
import { packHogModel, unpackHogModel } from '../../../../lib/detection/classical/dlib/hog-model-file.ts';
import { packShapePredictor, unpackShapePredictor } from '../../../../lib/landmarks/classical/shape-predictor-file.ts';
import { referenceFolder } from '../../../support/classical-reference.ts';

const predictor = new Uint8Array(readFileSync(join(referenceFolder, 'tiny.dat')));
const detector = new Uint8Array(readFileSync(join(referenceFolder, 'tiny.svm')));

/** An error for a damaged file within a second. */
function expectRefusal(read: () => unknown): void {
  const start = performance.now();
  let error: unknown;
  try {
    read();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(FaceNetError);
  expect((error as FaceNetError).code).toMatch(/^model-file-/);
  expect(performance.now() - start).toBeLessThan(1000);
}

describe('damaged files of dlib are refused with a typed error', () => {
  test.for([
    ['predictor', predictor, readShapePredictor],
    ['detector', detector, readObjectDetector],
  ] as const)('a truncated %s', ([, bytes, read]) => {
    for (let length = 0; length < bytes.length; length += 97) expectRefusal(() => read(bytes.subarray(0, length)));
  });

  test.for([
    ['predictor', predictor, readShapePredictor],
    ['detector', detector, readObjectDetector],
  ] as const)('a foreign %s, and one with bytes after its end', ([, bytes, read]) => {
    expectRefusal(() => read(new TextEncoder().encode('<!doctype html><html></html>')));
    expectRefusal(() => read(new Uint8Array([...bytes, 1, 2, 3])));
  });

  test('a list that claims more elements than the file has bytes', () => {
    // A mean shape of 2³² rows, and 2⁵⁶ trees.
    expectRefusal(() => readShapePredictor(Uint8Array.of(1, 1, 0x85, 0, 0, 0, 0, 1, 0x81, 1)));
    const claims = predictor.slice();
    claims.set([0x88, 255, 255, 255, 255, 255, 255, 255, 255], 2);
    expectRefusal(() => readShapePredictor(claims));
  });

  test('a network with a tensor that is larger than the file', () => {
    const loss = new TextEncoder().encode('loss_metric_');
    const input = new TextEncoder().encode('input_rgb_image');
    const start = [1, 1, 1, loss.length, ...loss, 1, 3, 1, input.length, ...input, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0];
    const tensor = [1, 5, ...new TextEncoder().encode('con_4'), 1, 2, 4, 255, 255, 255, 127, 1, 1, 1, 1, 1, 1];
    expectRefusal(() => readNetworkLayers(Uint8Array.from([...start, ...tensor])));
  });

  test('random damage is refused or gives a model whose stored form can be read', () => {
    const random = seeded(5);
    for (let i = 0; i < 300; i++) {
      const [bytes, read] =
        i % 2 === 0
          ? [
              predictor.slice(),
              (file: Uint8Array) => unpackShapePredictor(packShapePredictor(readShapePredictor(file))),
            ]
          : [detector.slice(), (file: Uint8Array) => unpackHogModel(packHogModel(readObjectDetector(file)))];
      for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        read(bytes);
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(FaceNetError);
      }
    }
  });
});

describe('damaged files of a models folder are refused with a typed error', () => {
  test.for([
    ['predictor', packShapePredictor(readShapePredictor(predictor)), unpackShapePredictor],
    ['detector', packHogModel(readObjectDetector(detector)), unpackHogModel],
  ] as const)('a truncated, a longer and a foreign %s', ([, bytes, read]) => {
    for (let length = 0; length < bytes.length; length += 211) expectRefusal(() => read(bytes.slice(0, length)));
    expectRefusal(() => read(new Uint8Array([...bytes, 0, 0, 0, 0])));
    expectRefusal(() => read(new TextEncoder().encode('{"header": 1}')));
  });
});

test('files are recognised by their first bytes and named as dlib names them', async () => {
  expect(isClassicalFile(new TextEncoder().encode('TFL3'))).toBe(false);
  const source = { package: 'own', version: '1', files: [] };
  expect((await readClassical(predictor, source)).descriptor).toMatchObject({ name: 'dlib-5', scheme: 'dlib-5' });
  expect((await readClassical(detector, source)).descriptor).toMatchObject({ name: 'dlib-hog', kind: 'dlib-hog' });
});
