import { expect, test, vi } from 'vitest';
import { importLibrary } from '../../../lib/library/exchange/import.ts';
import { writeExport } from '../../../lib/library/exchange/write-export.ts';
import { storePhoto } from '../../../lib/library/indexing/store-photo.ts';
import type { LibraryFaceNet } from '../../../lib/library/model/types.ts';
import { FaceColumns, flag } from '../../../lib/library/people/columns.ts';
import {
  hidePerson,
  moveFaces,
  refuseFace,
  refuseName,
  separatePeople,
} from '../../../lib/library/people/corrections.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastArgon2id } from '../../support/fast-passphrases.ts';
import { InventedPeople, rule } from './embeddings.ts';

// An encrypted export is opened several times.
fastArgon2id();

/** Imports and corrections embed nothing. */
const facenet: LibraryFaceNet = {
  rule,
  identity: { sha256: ['ab'.repeat(32)], template: 'arcface' },
  models: { detector: 'd', landmarker: 'l', embedder: 'e' },
  embed: (): Promise<never> => Promise.reject(new Error('Nothing is embedded in this test.')),
};

function open(): Promise<LibrarySession> {
  const options = checkedLibraryOptions({ name: 'test', facenet, storage: 'memory' });
  return LibrarySession.open(memoryStore(), options);
}

/** A library of four photos of two people, with a name and constraints. */
async function filled(): Promise<LibrarySession> {
  const session = await open();
  const people = new InventedPeople(5, 3);
  for (let i = 0; i < 6; i++) {
    const faces = [
      {
        ...{ box: { x: 10 * i, y: 20, width: 30, height: 40 }, score: 0.9, roll: i / 4 - 0.5, model: rule.model },
        ...{ embedding: people.embedding(i % 3, 0.2), quality: { overall: 0.8 } },
      },
    ];
    const id = `${i}`.repeat(64);
    const analysed = { width: 400, height: 300, orientation: 1, faces, crops: [], preview: undefined, key: '1 d l e' };
    const file = {
      number: i + 1,
      path: `${i}.jpg`,
      size: 1,
      modified: 1000 * i,
      state: 'waiting' as const,
      attempts: 1,
    };
    // The fields of a face that a library does not store are left out.
    const added = await storePhoto(session, file, { id, analysed: analysed as never, known: undefined });
    await session.place(added);
  }
  const [a, b, c] = [0, 1, 2].map((face) => session.state.columns.person[face] as number) as [number, number, number];
  await session.correct('test', (edit) => {
    edit.setPerson(a, { name: 'Ada', cover: 3 });
    separatePeople(edit, a, b);
    refuseFace(edit, 5, c);
    moveFaces(edit, [5], b);
  });
  return session;
}

function contents({ state }: LibrarySession) {
  const { columns } = state;
  const first = new Map<number, number>();
  const people = [...columns.person.subarray(0, columns.size)];
  people.forEach((person, face) => {
    if (!first.has(person)) first.set(person, face);
  });
  return {
    // The numbers of people differ: each is represented by its first face.
    people: people.map((person) => first.get(person)),
    flags: [...columns.flags.subarray(0, columns.size)],
    names: [...state.people.values()].map(({ number, name, cover }) => [first.get(number), name, cover]),
    constraints: [...state.constraints.values()].map(({ kind, a, b }) => [
      kind,
      kind === 'not-person' ? a : first.get(a),
      first.get(b),
    ]),
  };
}

test.for([undefined, 'correct horse'])(
  'an import has the same people and constraints as the library (passphrase: %s)',
  async (passphrase) => {
    const library = await filled();
    const file = await writeExport(library, passphrase);
    const text = await file.text();
    expect(text.includes('"orientation"')).toBe(passphrase === undefined);
    if (passphrase === undefined) {
      const { library: described } = JSON.parse(text.split('\n')[1] as string);
      expect(described).toEqual({ ...rule, ...facenet.identity, photos: 6, people: 1, constraints: 2 });
    }
    const copy = await open();
    expect(await importLibrary(copy, file, { passphrase })).toEqual({ photos: 6, faces: 6 });
    expect(contents(copy)).toEqual(contents(library));
    const embeddings = async (session: LibrarySession) =>
      (await session.store.list('faces')).map(({ embedding }) => [...embedding]);
    expect(await embeddings(copy)).toEqual(await embeddings(library));
    // A second import adds nothing.
    expect(await importLibrary(copy, file, { passphrase })).toEqual({ photos: 0, faces: 0 });
  },
);

test('an import searches the faces of all people at once, and can be aborted meanwhile', async () => {
  const file = await writeExport(await filled());
  const search = vi.spyOn(FaceColumns.prototype, 'facesOf');
  const copy = await open();
  await copy.exclusively(() => importLibrary(copy, file, {}));
  expect(search).not.toHaveBeenCalled();
  search.mockRestore();
  const other = await open();
  const { signal } = new AbortController();
  let people = 0;
  signal.throwIfAborted = () => {
    if (other.state.columns.size === 6 && ++people === 2) throw new Error('stopped');
  };
  await expect(other.exclusively(() => importLibrary(other, file, { signal }))).rejects.toThrow('stopped');
  expect(other.state.columns.size).toBe(0);
});

test('an import keeps no face without a person, and gives none to what is no face', async () => {
  const lines = (await (await writeExport(await filled())).text()).split('\n').filter(Boolean);
  const changed = lines.map((line) => {
    const record = JSON.parse(line);
    const [face] = record.photo?.faces ?? [];
    if (record.photo?.path === '0.jpg') Object.assign(face, { confirmed: true, person: undefined });
    if (record.photo?.path === '1.jpg') Object.assign(face, { confirmed: true, notAFace: true });
    return JSON.stringify(record);
  });
  const copy = await open();
  await copy.exclusively(() => importLibrary(copy, new Blob([changed.join('\n')]), {}));
  const { columns } = copy.state;
  expect([0, 1].map((face) => [columns.person[face], columns.flags[face]])).toEqual([
    [0, 0],
    [0, flag.notAFace],
  ]);
  await copy.exclusively(() => copy.regroup());
  // It is grouped as any other face.
  expect(columns.person[0]).toBeGreaterThan(0);
});

test('damaged, incomplete and encrypted exports are refused', async () => {
  const library = await filled();
  const text = await (await writeExport(library)).text();
  const importing = async (file: Blob, passphrase?: string) =>
    errorCodeOf(importLibrary(await open(), file, { passphrase }));
  const withoutPhoto = text
    .split('\n')
    .filter((line) => !line.includes('3.jpg'))
    .join('\n');
  expect(await importing(new Blob([withoutPhoto]))).toBe('library-corrupt');
  expect(await importing(new Blob([text.replace('"orientation":1', '"orientation":9')]))).toBe('library-corrupt');
  const otherWeights = text.replace('ab'.repeat(32), 'cd'.repeat(32));
  expect(await importing(new Blob([otherWeights]))).toBe('model-mismatch');
  expect(await importing(new Blob([text.replace('"arcface"', '"dlib"')]))).toBe('model-mismatch');
  expect(await importing(new Blob(['not an export']))).toBe('library-corrupt');
  expect(await importing(new Blob([text.replace('"version":1', '"version":99')]))).toBe('library-version');
  expect(await importing(new Blob([text]), 'a passphrase')).toBe('option-invalid');
  const sealed = await writeExport(library, 'right');
  expect(await importing(sealed)).toBe('key-wrong');
  expect(await importing(sealed, 'wrong')).toBe('key-wrong');
});

test.for([undefined, 'correct horse'])(
  'an export without its last records is refused (passphrase: %s)',
  async (passphrase) => {
    const lines = (await (await writeExport(await filled(), passphrase)).text()).trimEnd().split('\n');
    const importing = async (lines: string[]) =>
      errorCodeOf(importLibrary(await open(), new Blob([lines.join('\n')]), { passphrase }));
    // The header, the library, six photos, a person and two constraints.
    expect(lines).toHaveLength(11);
    for (let length = 8; length < lines.length; length++) {
      expect(await importing(lines.slice(0, length)), `${length} lines`).toBe('library-corrupt');
    }
    expect(await importing(lines)).toBe('no error');
  },
);

test.for(['', 'Bob', 'Dan'])(
  'an import keeps what the library states of a person without a name, whom the export calls "%s"',
  async (name) => {
    const library = await filled();
    const person = library.state.columns.person[1] as number;
    await library.correct('before', (edit) => edit.setPerson(person, { cover: 1, refused: ['Carol'] }));
    const text = await (await writeExport(library)).text();
    await library.correct('after', (edit) => {
      edit.setPerson(person, { cover: 4, refused: [] });
      hidePerson(edit, person, true);
      refuseName(edit, person, 'Dan');
    });
    const renamed = text.replace(`"number":${person},"name":""`, `"number":${person},"name":"${name}"`);
    await importLibrary(library, new Blob([renamed]), {});
    const stated = { number: person, hidden: true, cover: 4, refused: ['Dan', 'Carol'] };
    expect(library.state.details(person)).toEqual({ ...stated, name: name === 'Dan' ? '' : name });
  },
);

/** The rolls of the faces. */
const rolls = async ({ store }: LibrarySession) => (await store.list('faces')).map(({ roll }) => roll);

test('an import keeps the rolls of the faces', async () => {
  const library = await filled();
  const copy = await open();
  await importLibrary(copy, await writeExport(library), {});
  expect(await rolls(copy)).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75]);
});

test('an export of an earlier build, which states the number of photos only and no rolls, is imported', async () => {
  const library = await filled();
  const text = await (await writeExport(library)).text();
  const earlier = text.replace(/,"people":1,"constraints":2/, '').replaceAll(/"roll":[\d.-]+,/g, '');
  expect(earlier).not.toMatch(/"roll"|"constraints"/);
  const copy = await open();
  await importLibrary(copy, new Blob([earlier]), {});
  expect(contents(copy)).toEqual(contents(library));
  expect(await rolls(copy)).toEqual(Array(6).fill(undefined));
  // Its own export states none either.
  expect(await (await writeExport(copy)).text()).not.toContain('"roll"');
});
