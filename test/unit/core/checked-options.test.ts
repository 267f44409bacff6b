import { describe, expect, test } from 'vitest';
import { checkedNames, checkedOptions } from '../../../lib/core/checked-options.ts';
import { nearestName } from '../../../lib/core/option-names.ts';
import type { Abortable } from '../../../lib/core/types.ts';

interface Options extends Abortable {
  minScore?: number;
  maxFaces?: number;
}

const names = { minScore: true, maxFaces: true } as const;
const rejected = (options: object) => {
  try {
    checkedOptions<Options>(options, names);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('checkedOptions()', () => {
  test('returns known options and a signal', () => {
    const options = { minScore: 0.5, signal: new AbortController().signal };
    expect(checkedOptions<Options>(options, names)).toBe(options);
    expect(checkedOptions({})).toEqual({});
  });

  test.each([
    ['maxFace', 'did you mean "maxFaces"?'],
    ['minscore', 'did you mean "minScore"?'],
    ['Signal', 'did you mean "signal"?'],
    ['minConfidence', 'use "minScore" of detect()'],
    ['maxResults', 'use "maxFaces" of detect()'],
    ['threshold', 'use "far" of compare()'],
    ['modelPath', 'use "models" of load()'],
    ['toString', 'the options are "minScore", "maxFaces", "signal"'],
  ])('rejects %s and names the option meant', (name, advice) => {
    expect(rejected({ [name]: 1 })).toMatchObject({ code: 'option-invalid', message: expect.stringContaining(name) });
    expect(rejected({ [name]: undefined })).toMatchObject({ message: expect.stringContaining(advice) });
  });

  test.each([null, 1, 'fast'])('rejects %j instead of an object', (options) => {
    expect(rejected(options as unknown as object)).toMatchObject({ code: 'option-invalid' });
  });
});

describe('checkedNames()', () => {
  test('returns known options', () => {
    const options = { minScore: 0.5 };
    expect(checkedNames<Options>(options, names)).toBe(options);
  });

  test.each([
    ['signal', 'There is no option "signal" here: the options are "minScore", "maxFaces".'],
    ['maxFace', 'There is no option "maxFace" here: did you mean "maxFaces"?'],
  ])('rejects %s', (name, message) => {
    const call = () => checkedNames({ [name]: undefined } as Options, names);
    expect(call).toThrow(expect.objectContaining({ code: 'option-invalid', message }));
  });

  test('rejects null instead of an object', () => {
    const call = () => checkedNames(null as unknown as Options, names);
    expect(call).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });
});

describe('nearestName()', () => {
  test('returns the name with the fewest changed letters, if they are few', () => {
    expect(nearestName('treads', ['threads', 'models'])).toBe('threads');
    expect(nearestName('presets', ['preset', 'detector'])).toBe('preset');
    expect(nearestName('colour', ['threads', 'models'])).toBeUndefined();
    expect(nearestName('colour', [])).toBeUndefined();
  });
});
