import { expect } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { Library } from '../../../lib/library/index.ts';
import { flag } from '../../../lib/library/people/columns.ts';
import type { LibrarySession } from '../../../lib/library/session/session.ts';
import { LibrarySession as Session } from '../../../lib/library/session/session.ts';
import type { Change, Store } from '../../../lib/library/storage/store.ts';

/** A store whose commits fail when asked to. */
export interface FailingStore extends Store {
  /** Decides about each commit, by its change. */
  fails: (change: Change) => boolean;
}

/** @param store keeps its rows when it is closed, as a database does. */
export function failingStore(store: Store): FailingStore {
  const failing: FailingStore = {
    ...store,
    fails: () => false,
    async commit(change) {
      if (failing.fails(change)) throw new FaceNetError('storage-full', 'The disk is full.');
      await store.commit(change);
    },
    close() {},
  };
  return failing;
}

/** The session of a library. */
export function sessionOf(library: Library): LibrarySession {
  return (library as unknown as { session: LibrarySession }).session;
}

/** What a session holds in memory. */
function memoryOf({ state, meta }: LibrarySession) {
  const { columns, people, constraints, nextPerson } = state;
  const { size } = columns;
  const sorted = <K extends string | number, Row>(rows: ReadonlyMap<K, Row>) =>
    [...rows].sort(([a], [b]) => Number(a > b) - Number(a < b));
  return {
    photo: columns.photo.slice(0, size),
    time: columns.time.slice(0, size),
    order: columns.order.slice(0, size),
    person: columns.person.slice(0, size),
    flags: columns.flags.slice(0, size),
    people: sorted(people),
    constraints: sorted(constraints),
    nextPerson,
    meta,
  };
}

/** Checks that memory is as the store, and that the rows of the store belong together. */
export async function expectStored(session: LibrarySession): Promise<void> {
  const { store, options, state } = session;
  const reopened = await Session.open(store, options);
  expect(memoryOf(session)).toEqual(memoryOf(reopened));
  const faces = await store.list('faces');
  expect(faces.map(({ number }) => number)).toEqual([...state.columns.photo.subarray(0, state.columns.size).keys()]);
  const present = [...faces.keys()].filter((face) => !state.columns.has(face, flag.removed));
  expect(state.columns.present).toBe(present.length);
  expect(reopened.state.columns.present).toBe(present.length);
  const photos = await store.list('photos');
  expect(photos.flatMap((photo) => photo.faces).sort((a, b) => a - b)).toEqual(present);
  for (const { number, faces } of photos) {
    for (const face of faces) expect(state.columns.photo[face]).toBe(number);
  }
  for (const row of await store.list('files', { by: 'photo' })) {
    expect(photos.map(({ number }) => number)).toContain(row.photo);
  }
  // The graph needs a row of each face.
  await reopened.graph();
}
