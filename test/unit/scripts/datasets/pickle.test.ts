import { describe, expect, it } from 'vitest';
import { parseVerificationBin } from '../../../../scripts/kit/datasets/insightface-bin.ts';
import { readPickle } from '../../../../scripts/kit/datasets/pickle.ts';

const bytes = (...parts: (number | string)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [part])));

const jpeg = '\xff\xd8\xff\x01';

/** Two images and one label, as `pickle.dump(([a, b], [True]), file, protocol)` writes them. */
const files = {
  'protocol 2 of Python 2': bytes(
    ...[0x80, 2, ']q', 0, '(U', 4, jpeg, 'q', 1, 'U', 4, jpeg, 'q', 2, 'e]q', 3, 0x88, 'a', 0x86, 'q', 4, '.'],
  ),
  'protocol 2 of Python 3': bytes(
    ...[0x80, 2, ']q', 0, '(c_codecs\nencode\nq', 1, 'X', 7, 0, 0, 0, '\xc3\xbf\xc3\x98\xc3\xbf\x01q', 2],
    ...['X', 6, 0, 0, 0, 'latin1q', 3, 0x86, 'q', 4, 'Rq', 5, 'h', 1, 'h', 2, 'h', 3, 0x86, 'q', 6, 'Rq', 7],
    ...['e]q', 8, 0x88, 'a', 0x86, 'q', 9, '.'],
  ),
  'protocol 3': bytes(
    ...[0x80, 3, ']q', 0, '(C', 4, jpeg, 'q', 1, 'B', 4, 0, 0, 0, jpeg, 'e]q', 2, 0x88, 'a', 0x86, 'q', 3, '.'],
  ),
  'protocol 4': bytes(
    ...[0x80, 4, 0x95, 31, 0, 0, 0, 0, 0, 0, 0, ']', 0x94, '(C', 4, jpeg, 0x94, 0x8e, 4, 0, 0, 0, 0, 0, 0, 0, jpeg],
    ...[0x94, 'e]', 0x94, 0x88, 'a', 0x86, 0x94, '.'],
  ),
};

describe('verification files of InsightFace', () => {
  it.each(Object.entries(files))('reads %s', (_, file) => {
    const { images, same } = parseVerificationBin(file);
    expect(images.map((image) => [...image])).toEqual([
      [0xff, 0xd8, 0xff, 1],
      [0xff, 0xd8, 0xff, 1],
    ]);
    expect(same).toEqual([true]);
  });

  it.each(Object.entries(files))('refuses %s cut at any byte', (_, file) => {
    for (let end = 0; end < file.length; end++) {
      expect(() => parseVerificationBin(file.subarray(0, end))).toThrow(SyntaxError);
    }
  });

  it.each([
    ['a label without images', bytes(0x80, 2, ']]', 0x88, 'a', 0x86, '.')],
    ['an image that is not encoded', bytes(0x80, 2, '](U', 1, 'x', 'U', 1, 'x', 'e]', 0x88, 'a', 0x86, '.')],
    ['a label that is not a boolean', bytes(0x80, 2, '](U', 4, jpeg, 'U', 4, jpeg, 'e]K', 2, 'a', 0x86, '.')],
    ['a number', bytes(0x80, 2, 'K', 1, '.')],
  ])('refuses %s', (_, file) => {
    expect(() => parseVerificationBin(file)).toThrow(SyntaxError);
  });
});

describe('hostile pickles', () => {
  it.each([
    ['os.system by GLOBAL', bytes(0x80, 2, 'cos\nsystem\n(U', 2, 'id', 'tR.'), /os\.system is not allowed/],
    ['os.system by STACK_GLOBAL', bytes(0x80, 4, 0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.'), /os\.system/],
    ['another function of _codecs', bytes(0x80, 2, 'c_codecs\nopen\n.'), /_codecs\.open/],
    ['numpy', bytes(0x80, 2, 'cnumpy.core.multiarray\nscalar\n.'), /numpy/],
    ['INST', bytes(0x80, 2, '(ios\nsystem\n.'), /INST/],
    ['NEWOBJ', bytes(0x80, 2, '))', 0x81, '.'), /NEWOBJ/],
    ['BUILD', bytes(0x80, 2, '))b.'), /BUILD/],
    ['EXT1', bytes(0x80, 2, 0x82, 1, '.'), /EXT1/],
    ['REDUCE of a tuple', bytes(0x80, 2, '))R.'), /REDUCE/],
    ['another codec', bytes(0x80, 2, 'c_codecs\nencode\nX', 1, 0, 0, 0, 'aX', 3, 0, 0, 0, 'hex', 0x86, 'R.'), /REDUCE/],
    ['protocol 0', bytes('(lp0\n.'), /protocol 2 to 5/],
    ['protocol 9', bytes(0x80, 9, 'K', 1, '.'), /protocol 9/],
    ['a length beyond the end', bytes(0x80, 3, 'B', 0xff, 0xff, 0xff, 0xff, 'x.'), /announces 4294967295 bytes/],
    ['a length of 64 bits', bytes(0x80, 4, 0x8e, 255, 255, 255, 255, 255, 255, 255, 255, '.'), /announces/],
    ['a frame beyond the end', bytes(0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, '.'), /announces 9 bytes/],
    ['a global without an end', bytes(0x80, 2, 'cos'), /no end/],
    ['an empty stack', bytes(0x80, 2, '.'), /missing on the stack/],
    ['a mark as a value', bytes(0x80, 2, '(.'), /missing on the stack/],
    ['APPENDS without a mark', bytes(0x80, 2, ']e.'), /mark/],
    ['APPEND to bytes', bytes(0x80, 2, 'U', 1, 'xK', 1, 'a.'), /not a list/],
    ['an unknown memo entry', bytes(0x80, 2, 'h', 7, '.'), /no entry 7/],
    ['values left over', bytes(0x80, 2, 'K', 1, 'K', 2, '.'), /left over/],
    ['text that is not UTF-8', bytes(0x80, 4, 0x8c, 1, 0xff, '.'), /UTF-8/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readPickle(file)).toThrow(SyntaxError);
    expect(() => readPickle(file)).toThrow(message);
  });

  it('reads a list nested 100,000 times without a stack overflow, and refuses it as a data set', () => {
    const file = bytes(0x80, 2, ']'.repeat(100_000), 'a'.repeat(99_999), '.');
    expect(() => parseVerificationBin(file)).toThrow(/not a tuple/);
  });

  it('refuses a list that contains itself', () => {
    const file = bytes(0x80, 2, ']q', 0, 'h', 0, 'ah', 0, 'a.');
    expect(() => parseVerificationBin(file)).toThrow(SyntaxError);
  });
});
