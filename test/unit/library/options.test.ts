import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library, type LibraryOptions, type LibraryPerson } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

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

test('a range of time needs valid dates, and is empty if it ends before it begins', async () => {
  await using library = await open();
  await library.add([photo('a', [0])]);
  const { store } = sessionOf(library);
  const { list } = store;
  vi.spyOn(store, 'list').mockImplementation(async (table, options = {}) => {
    const { from = 0, to = from } = options;
    // As IndexedDB does.
    if (to < from) throw new DOMException('The range ends before it begins.', 'DataError');
    return list(table, options);
  });
  const [{ number }] = library.people().items as [LibraryPerson];
  const reversed = { from: new Date(2), to: new Date(0) };
  const empty = { items: [], total: 0, next: undefined };
  expect(await library.photos({ from: new Date(0), to: new Date(2) })).toMatchObject({ total: 1 });
  expect(await library.photos(reversed)).toEqual(empty);
  expect(await library.photosOf(number, reversed)).toEqual(empty);
  expect(await library.photosWith([number], reversed)).toEqual(empty);
  for (const date of [new Date('no date'), 0 as unknown as Date, null as unknown as Date]) {
    for (const query of [{ from: date }, { to: date }]) {
      for (const call of [library.photos(query), library.photosOf(number, query), library.photosWith([number], query)])
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
