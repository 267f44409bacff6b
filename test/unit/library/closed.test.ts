import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(() => {
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Calls of all methods but close(), and of all getters, with valid arguments. */
const calls: Record<string, (library: Library, photo: string) => unknown> = {
  counts: (library) => library.counts(),
  files: (library) => library.files('done'),
  people: (library) => library.people(),
  person: (library) => library.person(1),
  photo: (library, photo) => library.photo(photo),
  photos: (library) => library.photos(),
  photosOf: (library) => library.photosOf(1),
  photosWith: (library) => library.photosWith([1]),
  facesOf: (library) => library.facesOf(1),
  personOf: (library) => library.personOf(0),
  faces: (library) => library.faces([0]),
  ungrouped: (library) => library.ungrouped(),
  similar: (library) => library.similar(0),
  embeddings: (library) => library.embeddings([0]),
  crop: (library) => library.crop(0),
  preview: (library, photo) => library.preview(photo),
  original: (library, photo) => library.original(photo),
  nextQuestion: (library) => library.nextQuestion(),
  questions: (library) => library.questions(),
  suggestNames: (library) => library.suggestNames({ identify: async () => ({ candidates: [] }) }),
  undoable: (library) => library.undoable(),
  outdated: (library) => library.outdated,
  grouped: (library) => library.grouped,
  sidecar: (library, photo) => library.sidecar(photo),
  export: (library) => library.export({ plain: true }),
  merge: (library) => library.merge(1, 2),
  split: (library) => library.split(0),
  move: (library) => library.move([0], 2),
  notSame: (library) => library.notSame(0, 1),
  confirm: (library) => library.confirm(1),
  name: (library) => library.name(1, 'Ada'),
  refuseName: (library) => library.refuseName(1, 'Ada'),
  hide: (library) => library.hide(1),
  notAFace: (library) => library.notAFace(0),
  setCover: (library) => library.setCover(1, 0),
  answer: (library) => library.answer({ people: [1, 2], faces: [[0], [1]], probability: 0.5 }, 'same'),
  undo: (library) => library.undo(),
  remove: (library) => library.remove([]),
  forget: (library) => library.forget([]),
  regroup: (library) => library.regroup(),
  add: (library) => library.add([photo('b', [2])]),
  resume: (library) => library.resume(),
  outdatedPhotos: (library) => library.outdatedPhotos(),
  update: (library) => library.update(),
  import: async (library) => library.import(await exported()),
};

async function filled(): Promise<Library> {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory' });
  await library.add([photo('a', [0, 1])]);
  return library;
}

async function exported(): Promise<Blob> {
  await using library = await filled();
  return library.export({ plain: true });
}

test('every method is tested here', () => {
  const names: string[] = [];
  for (let of = Library.prototype; of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    names.push(...Object.getOwnPropertyNames(of));
  }
  const tested = [...Object.keys(calls), 'constructor', 'close'];
  expect([...new Set(names)].sort()).toEqual(tested.sort());
});

const endings: Record<string, (library: Library) => unknown> = {
  'was closed': (library) => library.close(),
  'was erased in another tab': (library) => sessionOf(library).closeNow('was erased in another tab'),
};

describe.each(Object.entries(endings))('a library that %s', (_, end) => {
  test.each(Object.entries(calls))('rejects %s() with disposed', async (_, call) => {
    const library = await filled();
    const id = (await library.photos()).items[0]?.id as string;
    expect(await errorCodeOf((async () => call(library, id))())).toBe('no error');
    const other = await filled();
    await end(other);
    expect(await errorCodeOf((async () => call(other, id))())).toBe('disposed');
  });

  test('has no person and no face in memory', async () => {
    const library = await filled();
    await library.name(1, 'Ada');
    await end(library);
    const { state } = sessionOf(library);
    expect(state.columns.size + state.people.size + state.constraints.size).toBe(0);
  });
});
