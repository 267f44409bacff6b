import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library, type LibraryOptions } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

type SamePhoto = NonNullable<LibraryOptions['samePhoto']>;

/** A library of one photo, each of whose faces is of a person of its own, opened with an option. */
async function opened(shown: number[], samePhoto: SamePhoto): Promise<Library> {
  const options = { name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 } as const;
  const library = await Library.open({ ...options, samePhoto: 'never' });
  await library.add([photo('a', shown)]);
  expect(library.people().items.map(({ faces }) => faces)).toEqual(shown.map(() => 1));
  sessionOf(library).options.samePhoto = samePhoto;
  return library;
}

describe('two people with alike faces in one photo', () => {
  test.each([
    ['never', 0],
    ['strong', 1],
    ['ignored', 1],
  ] as const)('are asked about if samePhoto lets them be one: %s', async (samePhoto, count) => {
    await using library = await opened([0, 0], samePhoto);
    expect(await library.questions()).toHaveLength(count);
  });
});

describe('a name is suggested for two people of one photo if samePhoto lets them be one', () => {
  const identify = async () => ({ candidates: [{ person: { id: 'a', name: 'Ada' }, probability: 0.9 }] });

  test.each([
    ['never', 'alike', [0, 0], 1],
    ['strong', 'alike', [0, 0], 2],
    ['strong', 'different', [0, 1], 1],
    ['ignored', 'alike', [0, 0], 2],
    ['ignored', 'different', [0, 1], 2],
  ] as const)('%s, %s faces', async (samePhoto, _, shown, count) => {
    await using library = await opened([...shown], samePhoto);
    expect(await library.suggestNames({ identify })).toHaveLength(count);
  });

  test.each([
    ['never', 0],
    ['strong', 1],
  ] as const)('%s, beside a person of this name', async (samePhoto, count) => {
    await using library = await opened([0, 0], samePhoto);
    await library.name(library.people().items[0]?.number as number, 'Ada');
    expect(await library.suggestNames({ identify })).toHaveLength(count);
  });

  test('strong, but not for faces without an embedding of the model', async () => {
    await using library = await opened([0, 0], 'strong');
    const { store } = sessionOf(library);
    const rows = await store.list('faces');
    await store.commit({ faces: { put: rows.map((row) => ({ ...row, generation: 7 })) } });
    expect(await library.suggestNames({ identify })).toHaveLength(1);
  });
});
