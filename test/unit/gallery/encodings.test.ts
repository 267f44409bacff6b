import { describe, expect, test } from 'vitest';
import { encodingOfFace, readEncodings } from '../../../lib/gallery/encodings.ts';

/** The rows [3, 4, 0] and [0, 0, 2], as NumPy 2.4 wrote them: with numpy.save, and as two arrays with numpy.savez_compressed. */
const files = {
  npy:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg' +
    'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAIQAAAAAAAABBAAAAAAAAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=',
  npz:
    'UEsDBC0AAAAIAAAAIQCfvvAe//////////8HABQAYWRhLm5weQEAEACMAAAAAAAAAE8AAAAAAAAAm+wX6hsQychQxlCtnpJanFyk' +
    'bqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjqaOgq1ChQALgYGBwcGhgYgZmAAAFBLAwQtAAAACAAAACEA' +
    'ObdHbv//////////BwAUAGJvYi5ucHkBABAAjAAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9U' +
    'UpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GBHAAAFBLAQItAy0AAAAIAAAAIQCfvvAeTwAAAIwAAAAHAAAAAAAA' +
    'AAAAAACAAQAAAABhZGEubnB5UEsBAi0DLQAAAAgAAAAhADm3R25IAAAAjAAAAAcAAAAAAAAAAAAAAIABiAAAAGJvYi5ucHlQSwUG' +
    'AAAAAAIAAgBqAAAACQEAAAAA',
};

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('readEncodings', () => {
  test.for([
    ['a JSON list', '[[3, 4, 0], [0, 0, 2]]'],
    ['a JSON file', new TextEncoder().encode('[[3, 4, 0], [0, 0, 2]]')],
    ['a NumPy array', bytesOf(files.npy)],
    ['a compressed NumPy archive', bytesOf(files.npz)],
  ] as const)('reads %s and scales the rows to length 1', async ([, file]) => {
    const encodings = await readEncodings(file, 'dlib-resnet');
    expect(encodings.map(({ embedding }) => [...embedding])).toEqual([
      [Math.fround(0.6), Math.fround(0.8), 0],
      [0, 0, 1],
    ]);
    expect(encodings.map(({ magnitude, model }) => [magnitude, model])).toEqual([
      [5, 'dlib-resnet'],
      [2, 'dlib-resnet'],
    ]);
  });

  test.for([
    ['text that is no JSON', 'encodings'],
    ['rows of different lengths', '[[1, 2], [3]]'],
    ['a row of zeros', '[[0, 0]]'],
    ['other JSON', '{"a": [1]}'],
    ['a truncated NumPy array', bytesOf(files.npy).subarray(0, -8)],
    ['a truncated NumPy archive', bytesOf(files.npz).subarray(0, -30)],
    ['a pickled object', new TextEncoder().encode('\u0093NUMPY')],
  ] as const)('rejects %s', async ([, file]) => {
    await expect(readEncodings(file, 'dlib-resnet')).rejects.toMatchObject({ code: 'option-invalid' });
  });

  test('rejects damaged NumPy files with a typed error', async () => {
    for (const text of Object.values(files)) {
      const bytes = bytesOf(text);
      for (let at = 0; at < bytes.length; at += 3) {
        const damaged = bytes.slice();
        damaged[at] = 255 - (damaged[at] as number);
        const read = readEncodings(damaged, 'dlib-resnet').catch((error) => expect(error.code).toBe('option-invalid'));
        await read;
      }
    }
  });
});

test('encodingOfFace undoes the scaling to length 1', () => {
  const quality = { magnitude: 5 } as Parameters<typeof encodingOfFace>[0]['quality'];
  expect([...encodingOfFace({ embedding: Float32Array.of(0.6, 0.8), quality })]).toEqual([3, 4]);
  expect(() => encodingOfFace({ embedding: Float32Array.of(1), quality: {} as typeof quality })).toThrow('magnitude');
});
