import { describe, expect, test } from 'vitest';
import { checkedOptions } from '../../../lib/core/checked-options.ts';
import { nearestName } from '../../../lib/core/option-names.ts';

interface Options {
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

describe('nearestName()', () => {
  test('returns the name with the fewest changed letters, if they are few', () => {
    expect(nearestName('treads', ['threads', 'models'])).toBe('threads');
    expect(nearestName('presets', ['preset', 'detector'])).toBe('preset');
    expect(nearestName('colour', ['threads', 'models'])).toBeUndefined();
    expect(nearestName('colour', [])).toBeUndefined();
  });
});
