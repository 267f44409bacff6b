import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library, type LibraryOptions } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

const open = (options: Partial<LibraryOptions> = {}) =>
  Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0, ...options });

test('maximum numbers of results are whole and positive', async () => {
  await using library = await open();
  await library.add([photo('a', [0])]);
  for (const limit of [0, -1, 1.5, Number.NaN, '5' as unknown as number]) {
    for (const call of [library.similar(0, { limit }), library.questions({ limit }), library.photos({ limit })]) {
      expect(await errorCodeOf(call)).toBe('option-invalid');
    }
  }
});

test('an unknown pace is refused before a photo is added', async () => {
  await using library = await open();
  const adding = library.add([photo('a', [0])], { pace: 'slow' as 'full' });
  expect(await errorCodeOf(adding)).toBe('option-invalid');
  expect(await library.counts()).toMatchObject({ files: 0 });
});

test.each([{ minsize: 20 }, { minSize: 0 }, { minSize: Number.NaN }, { thorough: 'yes' }, null])(
  'invalid options of the search for faces are refused when the library is opened: %j',
  async (detect) => {
    expect(await errorCodeOf(open({ detect: detect as object }))).toBe('option-invalid');
  },
);
