import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cosineDistance } from '../../../lib/comparison/distance.ts';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { importLibrary } from '../../../lib/library/exchange/import.ts';
import { writeExport } from '../../../lib/library/exchange/write-export.ts';
import { retireOrphans } from '../../../lib/library/indexing/orphans.ts';
import { removePhotos } from '../../../lib/library/indexing/remove-photos.ts';
import { storeDuplicate, storePhoto } from '../../../lib/library/indexing/store-photo.ts';
import { updateEmbeddings } from '../../../lib/library/indexing/update.ts';
import type { LibraryFaceNet } from '../../../lib/library/model/types.ts';
import { corrected, flag } from '../../../lib/library/people/columns.ts';
import {
  chooseCover,
  mergePeople,
  moveFaces,
  namePerson,
  refuseFace,
  rejectFaces,
  separatePeople,
  splitFaces,
} from '../../../lib/library/people/corrections.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { ConstraintRow, FaceRow, FileRow, PersonRow, PhotoRow } from '../../../lib/library/storage/tables.ts';
import { InventedPeople, rule } from './embeddings.ts';
import { type CorrectionKind, correctionKind, denialsHold, planCorrection } from './random-corrections.ts';
import { expectStored, type FailingStore, failingStore } from './stored-state.ts';

/** A crop of an invented person, which is decoded to this. */
interface Crop {
  person: number;
}

/** Embeds the faces of crops. Embeddings of different embedders are unrelated. No photo is searched in this test. */
class ChangingFaceNet implements LibraryFaceNet {
  rule: LibraryFaceNet['rule'] = rule;
  readonly identity = { sha256: ['ab'.repeat(32)], template: 'arcface' } as const;
  readonly models = { detector: 'd', landmarker: 'l', embedder: 'e' };
  #people = new InventedPeople(5, 6);
  #embedders = 0;

  /** Changes to another embedder. */
  change(): void {
    this.#embedders++;
    this.rule = { ...rule, model: `embedder ${this.#embedders}` };
    this.#people = new InventedPeople(5 + this.#embedders, 6);
  }

  /** What embed() finds of a person. */
  faceOf(person: number) {
    return { model: this.rule.model, embedding: this.#people.embedding(person, 0.7), quality: { overall: 0.8 } };
  }

  embed = (async ({ person }: Crop) => this.faceOf(person)) as unknown as LibraryFaceNet['embed'];
}

/** Node has no image decoder: a crop is JSON. */
const cropOf = (crop: Crop) => ({ type: 'image/jpeg', data: new TextEncoder().encode(JSON.stringify(crop)).buffer });

beforeEach(() => {
  vi.stubGlobal('createImageBitmap', async (crop: Blob) => ({
    ...{ width: 320, height: 320, close() {} },
    ...JSON.parse(await crop.text()),
  }));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

interface FaceState {
  person: number;
  /** The flags that corrections set. */
  decided: number;
}

/** Who is who, apart from removed faces. */
interface Snapshot {
  faces: Map<number, FaceState>;
  people: Map<number, PersonRow>;
  constraints: Map<string, ConstraintRow>;
}

function snapshotOf({ state: { columns, people, constraints } }: LibrarySession): Snapshot {
  const present = [...columns.person.subarray(0, columns.size).keys()].filter(
    (face) => !columns.has(face, flag.removed),
  );
  const stateOf = (face: number) => ({
    person: columns.person[face] as number,
    decided: (columns.flags[face] as number) & corrected,
  });
  return {
    faces: new Map(present.map((face) => [face, stateOf(face)])),
    people: new Map(people),
    constraints: new Map(constraints),
  };
}

/** What a correction replaced: `undefined` was not there. */
interface Replaced {
  faces: Map<number, FaceState>;
  people: Map<number, PersonRow | undefined>;
  constraints: Map<string, ConstraintRow | undefined>;
}

function replacedBy(before: Snapshot, after: Snapshot): Replaced {
  const changed = <K, V>(from: Map<K, V>, to: Map<K, V>) =>
    new Map(
      [...new Set([...from.keys(), ...to.keys()])]
        .filter((key) => JSON.stringify(from.get(key)) !== JSON.stringify(to.get(key)))
        .map((key) => [key, from.get(key)]),
    );
  return {
    faces: changed(before.faces, after.faces) as Map<number, FaceState>,
    people: changed(before.people, after.people),
    constraints: changed(before.constraints, after.constraints),
  };
}

/** A face with the number of its person in the test and its place in the photo. */
type ShownFace = FaceRow & { person: number; place: number };

/** A library with random photos, whose files and corrections change. It remembers what each correction replaced. */
class TestHistory {
  readonly store: FailingStore = failingStore(memoryStore());
  readonly facenet = new ChangingFaceNet();
  readonly replaced = new Map<number, Replaced>();
  /** The distance of the faces of a photo, in pixels. They are 30 wide. */
  distance = 100;
  readonly files: { row: FileRow; id: string; places: number[] }[] = [];
  session!: LibrarySession;
  #photos = 0;
  #added = 0;

  async open(): Promise<void> {
    const options = checkedLibraryOptions({ name: 'test', facenet: this.facenet, storage: 'memory' });
    this.session = await LibrarySession.open(this.store, options);
  }

  /** Makes a change, of which the given commit fails. A change that failed is repeated. */
  async #change<T>(failing: number, change: () => Promise<T>): Promise<T> {
    let commits = 0;
    this.store.fails = () => ++commits === failing;
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof FaceNetError && error.code === 'storage-full')) throw error;
      await expectStored(this.session);
      return await change();
    } finally {
      this.store.fails = () => false;
    }
  }

  /**
   * Stores a photo of some people.
   *
   * @param places each person's number, or -1 for an empty place.
   * @param known the same photo, indexed before.
   */
  async #store(file: FileRow, places: readonly number[], failing: number, known?: PhotoRow): Promise<string> {
    const id = known?.id ?? (this.#photos++ * 0x9e3779b1 + 0x100000000).toString(16).slice(-8).repeat(8);
    const faces = places.flatMap((person, place) =>
      person < 0
        ? []
        : [
            {
              box: { x: this.distance * place, y: 20, width: 30, height: 40 },
              score: 0.9,
              roll: 0,
              ...this.facenet.faceOf(person),
            },
          ],
    );
    const shown = { width: 400, height: 300, orientation: 1 };
    const crops = places.filter((person) => person >= 0).map((person) => cropOf({ person }));
    const analysed = { ...shown, faces, crops, preview: undefined, key: '1 d l e' } as never;
    const added = await this.#change(failing, () =>
      this.session.exclusively(() => storePhoto(this.session, file, { id, analysed, known })),
    );
    await this.#change(failing, () => this.session.exclusively(() => this.session.place(added)));
    return id;
  }

  /** The row of a file as it is stored. */
  async #row(number: number): Promise<FileRow> {
    return (await this.store.get('files', number)) as FileRow;
  }

  async add(places: number[], failing: number): Promise<void> {
    const number = ++this.#added;
    const row = { number, path: `${number}`, size: 1, modified: number, state: 'waiting' as const, attempts: 1 };
    const id = await this.#store(row, places, failing);
    this.files.push({ row: await this.#row(number), id, places });
  }

  /** A file has other contents: some faces are still at their places. */
  async changeFile(index: number, places: number[], failing: number): Promise<void> {
    const file = this.files[index % this.files.length];
    if (!file) return;
    const before = await this.#facesAt(file);
    const isShared = this.files.filter(({ row }) => row.photo === file.row.photo).length > 1;
    file.id = await this.#store({ ...file.row, state: 'changed' }, places, failing);
    file.places = places;
    file.row = await this.#row(file.row.number);
    await this.#retire(failing);
    if (!isShared) this.#succeed(before, await this.#facesAt(file));
  }

  /** A photo is indexed again: some faces are found no more, and others are new. The others keep their numbers. */
  async reindex(index: number, places: number[], failing: number): Promise<void> {
    const file = this.files[index % this.files.length];
    if (!file) return;
    const known = (await this.store.get('photos', file.row.photo as number)) as PhotoRow;
    const before = await this.#facesAt(file);
    const present = snapshotOf(this.session).faces;
    // The face at a place is of one person.
    const found = file.places.map((person, place) => (places[place] === -1 ? -1 : person));
    const added = places.slice(found.length);
    await this.#store(file.row, [...found, ...added], failing, known);
    for (const other of this.files) if (other.id === file.id) other.places = [...found, ...added];
    file.row = await this.#row(file.row.number);
    const numberAt = (faces: ShownFace[]) => new Map(faces.map(({ place, number }) => [place, number]));
    const after = await this.#facesAt(file);
    const [former, now] = [numberAt(before), numberAt(after)];
    for (const [place, number] of former) {
      if (now.has(place)) expect(now.get(place)).toBe(number);
      else expect(this.session.state.columns.has(number, flag.removed)).toBe(true);
    }
    for (const [place, number] of now) if (!former.has(place)) expect(present.has(number)).toBe(false);
    this.#succeed(
      before,
      after.filter(({ number }) => [...former.values()].includes(number)),
    );
  }

  /** A file has the contents of another one. */
  async copyFile(index: number, other: number, failing: number): Promise<void> {
    const [file, source] = [this.files[index % this.files.length], this.files[other % this.files.length]];
    if (!file || !source || file.id === source.id) return;
    const before = await this.#facesAt(file);
    const isShared = this.files.filter(({ row }) => row.photo === file.row.photo).length > 1;
    const photo = await this.store.get('photos', source.row.photo as number);
    const shown = await this.#facesAt(source);
    await this.#change(failing, () =>
      this.session.exclusively(() => storeDuplicate(this.session, { ...file.row, state: 'changed' }, photo as never)),
    );
    Object.assign(file, { id: source.id, places: source.places, row: await this.#row(file.row.number) });
    const { state } = this.session;
    const refused = new Set(
      [...state.constraints.values()].filter(({ kind }) => kind === 'not-person').map(({ a }) => a),
    );
    const isDecided = ({ number }: ShownFace) => state.columns.has(number, corrected) || refused.has(number);
    const decided = new Set(shown.filter(isDecided).map(({ number }) => number));
    await this.#retire(failing);
    if (!isShared) this.#succeed(before, shown, decided);
  }

  /** Removes the photo of a file. */
  async remove(index: number, failing: number): Promise<void> {
    const file = this.files[index % this.files.length];
    if (!file) return;
    const before = await this.#facesAt(file);
    const removed = await this.#change(failing, () =>
      this.session.exclusively(() => removePhotos(this.session, [file.id], undefined)),
    );
    const left = this.files.filter(({ row }) => row.photo !== file.row.photo);
    expect(removed).toMatchObject({ photos: 1 });
    expect(removed.files).toHaveLength(this.files.length - left.length);
    this.files.splice(0, this.files.length, ...left);
    await this.#retire(failing);
    this.#succeed(before, []);
  }

  /** Two files swap their contents. Nothing else changes. */
  async swapFiles(index: number, other: number, failing: number): Promise<void> {
    const [a, b] = [this.files[index % this.files.length], this.files[other % this.files.length]];
    if (!a || !b || a.id === b.id) return;
    const before = snapshotOf(this.session);
    const [photoOfA, photoOfB] = await this.store.getAll('photos', [a.row.photo as number, b.row.photo as number]);
    for (const [{ row }, photo] of [[a, photoOfB] as const, [b, photoOfA] as const]) {
      await this.#change(failing, () =>
        this.session.exclusively(() => storeDuplicate(this.session, { ...row, state: 'changed' }, photo as never)),
      );
    }
    await this.#retire(failing);
    const [rowOfA, rowOfB] = [await this.#row(a.row.number), await this.#row(b.row.number)];
    [a.id, a.places, b.id, b.places] = [b.id, b.places, a.id, a.places];
    [a.row, b.row] = [rowOfA, rowOfB];
    expect(snapshotOf(this.session)).toEqual(before);
  }

  /** The queue is empty. */
  async #retire(failing: number): Promise<void> {
    await this.#change(failing, () => this.session.exclusively(() => retireOrphans(this.session)));
  }

  /** The faces of a file's photo. */
  async #facesAt({ row: { photo }, places }: { row: FileRow; places: number[] }): Promise<ShownFace[]> {
    const { faces = [] } = (await this.store.get('photos', photo as number)) ?? {};
    const shown = places.flatMap((person, place) => (person < 0 ? [] : [{ person, place }]));
    const rows = await this.store.getAll('faces', faces);
    return rows.map((row, i) => ({ ...(row as FaceRow), ...(shown[i] as { person: number; place: number }) }));
  }

  /**
   * Faces of one person are the same face for corrections that can be undone: first those at the same place, then the most similar.
   *
   * @param decided the faces after it that have corrections of their own.
   */
  #succeed(before: ShownFace[], after: ShownFace[], decided: ReadonlySet<number> = new Set()): void {
    const pairs = before
      .flatMap((from) => after.map((to) => ({ from, to })))
      .filter((p) => p.from.person === p.to.person);
    const isMoved = ({ from, to }: (typeof pairs)[number]) => Number(from.place !== to.place);
    const distance = ({ from, to }: (typeof pairs)[number]) => cosineDistance(from.embedding, to.embedding);
    pairs.sort((a, b) => isMoved(a) - isMoved(b) || distance(a) - distance(b));
    const successors = new Map<number, number>();
    for (const { from, to } of pairs) {
      const isTaken = successors.has(from.number) || [...successors.values()].includes(to.number);
      if (!isTaken) successors.set(from.number, to.number);
    }
    for (const { number: face } of before) {
      const present = successors.get(face);
      const successor = present !== undefined && decided.has(present) ? undefined : present;
      for (const { faces, people, constraints } of this.replaced.values()) {
        const state = faces.get(face);
        faces.delete(face);
        if (state && successor !== undefined && !faces.has(successor)) faces.set(successor, state);
        for (const [number, row] of people) {
          if (row?.cover !== face) continue;
          const { cover: _, ...rest } = row;
          people.set(number, successor === undefined ? rest : { ...rest, cover: successor });
        }
        for (const [key, row] of [...constraints]) {
          const [kind, a, b] = key.split(' ');
          if (kind !== 'not-person' || Number(a) !== face) continue;
          constraints.delete(key);
          const moved = `not-person ${successor} ${b}`;
          if (successor === undefined || constraints.has(moved)) continue;
          constraints.set(moved, row && { ...row, key: moved, a: successor });
        }
      }
    }
  }

  /** Makes a correction that a user could make; some are refused. */
  async correct(kind: CorrectionKind, x: number, y: number, failing: number): Promise<void> {
    const { session } = this;
    const present = [...snapshotOf(session).faces.keys()];
    if (present.length === 0) return;
    const faces = [x, y].map((each) => present[each % present.length]) as [number, number];
    const before = snapshotOf(session);
    const number = session.meta.next.journal;
    const expectDenialsHold = denialsHold(session.state, kind, faces[0]);
    await this.#change(failing, () => session.correct('test', (edit) => planCorrection(edit, kind, faces)));
    expectDenialsHold();
    if (session.meta.next.journal > number) this.replaced.set(number, replacedBy(before, snapshotOf(session)));
  }

  async undo(failing: number): Promise<void> {
    const { session } = this;
    const last = (await this.store.list('journal')).at(-1);
    const current = snapshotOf(session);
    await this.#change(failing, () => session.undo());
    if (!last) return expect(snapshotOf(session)).toEqual(current);
    const replaced = this.replaced.get(last.number) as Replaced;
    this.replaced.delete(last.number);
    expect(snapshotOf(session)).toEqual(afterUndo(current, replaced));
  }

  /** All faces are embedded again, by another embedder. */
  async reembed(failing: number): Promise<void> {
    const { session, store, facenet } = this;
    facenet.change();
    await this.#change(failing, () => updateEmbeddings(session, undefined, new AbortController().signal));
    expect(session.outdated).toBe(false);
    const present = [...snapshotOf(session).faces.keys()];
    for (const row of await store.getAll('faces', present)) {
      expect(row).toMatchObject({ model: facenet.rule.model, generation: session.generation });
      expect(row?.embedding.some((value) => value !== 0)).toBe(true);
    }
  }

  async regroup(failing: number): Promise<void> {
    await this.#change(failing, () => this.session.exclusively(() => this.session.regroup()));
  }
}

/** What an undo has to restore: all that still exists. */
function afterUndo(current: Snapshot, { faces, people, constraints }: Replaced): Snapshot {
  const expected = { faces: new Map(current.faces), people: new Map(), constraints: new Map() };
  for (const [face, state] of faces) if (expected.faces.has(face)) expected.faces.set(face, state);
  const members = (person: number) => [...expected.faces].filter(([, state]) => state.person === person);
  const rows = [...current.people].filter(([number]) => !people.has(number));
  for (const [number, row] of [...rows, ...people]) {
    if (!row || members(number).length === 0) continue;
    const { cover, ...rest } = row;
    const isMember = cover !== undefined && expected.faces.get(cover)?.person === number;
    const left = { ...rest, ...(isMember && { cover }) };
    if (left.name || left.hidden || isMember || left.refused.length > 0) expected.people.set(number, left);
  }
  const decided = new Set(expected.people.keys());
  const others = [...current.constraints].filter(([key]) => !constraints.has(key));
  for (const [key, row] of [...others, ...constraints]) {
    if (!row || members(row.b).length === 0) continue;
    if (row.kind === 'not-person' ? !expected.faces.has(row.a) : members(row.a).length === 0) continue;
    expected.constraints.set(key, row);
    for (const person of row.kind === 'not-person' ? [row.b] : [row.a, row.b]) decided.add(person);
  }
  // What was kept before may be gone. The person's name and constraints need a face that is kept.
  for (const person of decided) {
    if (members(person).some(([, state]) => (state.decided & flag.kept) !== 0)) continue;
    for (const [face] of members(person)) expected.faces.set(face, { person, decided: flag.kept });
  }
  return expected;
}

/** Checks what holds after each step. */
function expectValid({ state }: LibrarySession): void {
  const { columns, people, constraints } = state;
  const hasKept = (person: number) => columns.facesOf(person).some((face) => columns.has(face, flag.kept));
  for (let face = 0; face < columns.size; face++) {
    const isOut = columns.has(face, flag.removed | flag.notAFace);
    if (isOut) expect(columns.person[face]).toBe(0);
    if (columns.has(face, flag.kept)) expect(columns.person[face]).toBeGreaterThan(0);
  }
  for (const { number, cover } of people.values()) {
    expect(hasKept(number)).toBe(true);
    if (cover !== undefined) expect(columns.person[cover]).toBe(number);
  }
  for (const { kind, a, b } of constraints.values()) {
    expect(hasKept(b)).toBe(true);
    if (kind === 'not-person') {
      expect(columns.has(a, flag.removed)).toBe(false);
      expect(columns.person[a]).not.toBe(b);
    } else expect(hasKept(a)).toBe(true);
  }
}

/** Checks that nothing but a correction moves a kept face or removes a constraint, unless its face or person is gone. */
function expectCorrectionsHeld(before: Snapshot, after: Snapshot): void {
  for (const [face, { person, decided }] of before.faces) {
    const now = after.faces.get(face);
    if (!now || decided === 0) continue;
    expect(now.decided).toBe(decided);
    expect(now.person).toBe(person);
  }
  const present = new Set([...after.faces.values()].map(({ person }) => person));
  for (const [number, { name }] of before.people) {
    if (name && present.has(number)) expect(after.people.get(number)?.name).toBe(name);
  }
  for (const [key, { kind, a, b }] of before.constraints) {
    const isLeft = present.has(b) && (kind === 'not-person' ? after.faces.has(a) : present.has(a));
    if (isLeft) expect(after.constraints.has(key)).toBe(true);
  }
}

/** The people by the photos and places of their faces, with what corrections state. */
async function contents({ state, store }: LibrarySession) {
  const { columns } = state;
  const nameOf = new Map<number, string>();
  const groups = new Map<number, string[]>();
  for (const { id, faces } of await store.list('photos')) {
    for (const [place, face] of faces.entries()) {
      const person = columns.person[face] as number;
      nameOf.set(face, `${id} ${place}`);
      const decided = (columns.flags[face] as number) & corrected;
      groups.set(person, [...(groups.get(person) ?? []), `${id} ${place} ${decided}`].sort());
    }
  }
  const groupOf = (person: number) => (groups.get(person) ?? []).join(', ');
  return {
    people: [...groups]
      .map(([person, faces]) => {
        const { name, hidden, refused } = state.details(person);
        return JSON.stringify([person > 0, name, hidden, refused, faces]);
      })
      .sort(),
    covers: [...state.people.values()].map(({ cover }) => cover !== undefined && nameOf.get(cover)).sort(),
    constraints: [...state.constraints.values()]
      .map(({ kind, a, b }) => [kind === 'not-person' ? nameOf.get(a) : groupOf(a), groupOf(b)].sort().join(' | '))
      .sort(),
  };
}

async function expectExportable(session: LibrarySession): Promise<void> {
  const copy = await LibrarySession.open(memoryStore(), session.options);
  const file = await writeExport(session);
  await copy.exclusively(() => importLibrary(copy, file, {}));
  expect(await contents(copy)).toEqual(await contents(session));
}

const places = fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1, maxLength: 3 });
/** The number of the commit that fails; mostly none. */
const failing = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), places, failing }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), index: fc.nat(100), places, failing }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('reindex' as const), index: fc.nat(100), places, failing }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('copy' as const), index: fc.nat(100), other: fc.nat(100), failing }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), index: fc.nat(100), failing }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('swap' as const), index: fc.nat(100), other: fc.nat(100), failing }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('correct' as const),
      how: correctionKind,
      x: fc.nat(100),
      y: fc.nat(100),
      failing,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), failing }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('regroup' as const), failing }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reembed' as const), failing }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

test('corrections hold, undo restores what is left, and exports work, whatever happens in between', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const history = new TestHistory();
      await history.open();
      for (let i = 0; i < 6; i++) await history.add([i, (i + 1) % 6], 0);
      for (const step of steps) {
        const before = snapshotOf(history.session);
        if (step.kind === 'add') await history.add(step.places, step.failing);
        if (step.kind === 'change') await history.changeFile(step.index, step.places, step.failing);
        if (step.kind === 'reindex') await history.reindex(step.index, step.places, step.failing);
        if (step.kind === 'copy') await history.copyFile(step.index, step.other, step.failing);
        if (step.kind === 'remove') await history.remove(step.index, step.failing);
        if (step.kind === 'swap') await history.swapFiles(step.index, step.other, step.failing);
        if (step.kind === 'correct') await history.correct(step.how, step.x, step.y, step.failing);
        if (step.kind === 'undo') await history.undo(step.failing);
        if (step.kind === 'regroup') await history.regroup(step.failing);
        if (step.kind === 'reembed') await history.reembed(step.failing);
        if (step.kind === 'reopen') await history.open();
        expectValid(history.session);
        if (step.kind !== 'correct' && step.kind !== 'undo') expectCorrectionsHeld(before, snapshotOf(history.session));
      }
      await expectStored(history.session);
      await expectExportable(history.session);
    }),
    { numRuns: 40 },
  );
});

describe('after the file of a photo has changed', () => {
  const [same, other] = [0, 3];

  /** A library whose first person is in three photos: in the last one, only similar. */
  async function history(): Promise<{ history: TestHistory; person: number }> {
    const history = new TestHistory();
    await history.open();
    for (const people of [[same], [same, other], [1]]) await history.add(people, 0);
    return { history, person: history.session.state.columns.person[0] as number };
  }

  async function name(history: TestHistory, person: number, name: string): Promise<void> {
    await history.session.correct('name', (edit) => namePerson(edit, person, name));
  }

  test('undo does not bring its removed faces back', async () => {
    const { history: changed, person } = await history();
    await name(changed, person, 'Ada');
    await changed.changeFile(0, [-1], 0);
    await changed.session.undo();
    const { columns, people } = changed.session.state;
    expect(columns.facesOf(person)).toEqual([1]);
    expect(columns.has(0, flag.removed)).toBe(true);
    expect(people.size).toBe(0);
  });

  test('undo concerns the face at the same place', async () => {
    const { history: changed, person } = await history();
    await changed.session.correct('notSame', (edit) => void refuseFace(edit, 0, person));
    await changed.changeFile(0, [same], 0);
    const { constraints, columns } = changed.session.state;
    expect([...constraints.keys()]).toEqual([`not-person 4 ${person}`]);
    await changed.session.undo();
    expect(constraints.size).toBe(0);
    expect(columns.facesOf(person)).toContain(4);
  });

  test('one face succeeds one of two faces that overlap', async () => {
    const history = new TestHistory();
    await history.open();
    history.distance = 5;
    await history.add([same], 0);
    await history.add([same, other], 0);
    const person = history.session.state.columns.person[0] as number;
    await history.session.correct('move', (edit) => moveFaces(edit, [1], person));
    await history.session.correct('notSame', (edit) => void refuseFace(edit, 2, person));
    await history.changeFile(1, [same], 0);
    expectValid(history.session);
    expect(history.session.state.columns.facesOf(person)).toEqual([0, 3]);
    expect(history.session.state.constraints.size).toBe(0);
  });

  test('undo restores nothing about people who are gone', async () => {
    const { history: changed, person } = await history();
    const lost = changed.session.state.columns.person[3] as number;
    await name(changed, lost, 'Bob');
    await changed.session.correct('separate', (edit) => separatePeople(edit, person, lost));
    await changed.session.correct('merge', (edit) => void mergePeople(edit, [person, lost]));
    await changed.changeFile(2, [-1], 0);
    await changed.session.undo();
    expect(changed.session.state.people.size).toBe(0);
    expect(changed.session.state.constraints.size).toBe(0);
    await expectStored(changed.session);
  });

  test('a person without confirmed faces keeps its name and its constraints', async () => {
    const { history: changed, person } = await history();
    await name(changed, person, 'Ada');
    await changed.session.correct('notSame', (edit) => void refuseFace(edit, 3, person));
    await changed.add([same], 0);
    const added = changed.session.state.columns.facesOf(person).at(-1) as number;
    expect(changed.session.state.columns.has(added, flag.kept)).toBe(false);
    await changed.changeFile(0, [-1], 0);
    await changed.changeFile(1, [-1], 0);
    await changed.regroup(0);
    expect(changed.session.state.details(person).name).toBe('Ada');
    expect(changed.session.state.columns.facesOf(person)).toEqual([added]);
    expectValid(changed.session);
  });

  test('a library with a face that is not of a person can be exported', async () => {
    const { history: changed, person } = await history();
    await changed.session.correct('notSame', (edit) => void refuseFace(edit, 3, person));
    await changed.changeFile(2, [-1], 0);
    await expectExportable(changed.session);
    expect(changed.session.state.constraints.size).toBe(0);
  });
});

test('undo of a cover leaves the name', async () => {
  const history = new TestHistory();
  await history.open();
  await history.add([0], 0);
  const { session } = history;
  await session.correct('name', (edit) => edit.setPerson(1, { name: 'Ada' }));
  await session.correct('setCover', (edit) => edit.setPerson(1, { cover: 0 }));
  await session.undo();
  expect(session.state.details(1)).toEqual({ number: 1, name: 'Ada', hidden: false, refused: [] });
});

test('50 corrections can be undone, also if others were undone between them', async () => {
  const history = new TestHistory();
  await history.open();
  await history.add([0], 0);
  const { session } = history;
  let corrections = 0;
  const correct = async (times: number) => {
    for (let i = 0; i < times; i++) await session.correct('name', (edit) => namePerson(edit, 1, `${corrections++}`));
  };
  await correct(60);
  for (let i = 0; i < 30; i++) await session.undo();
  await correct(35);
  let undone = 0;
  while (await session.undo()) undone++;
  expect(undone).toBe(50);
});

describe('an import of photos that the library has', () => {
  /** Two libraries of the same photos, of which the first one is corrected. @returns the first one's export, and the second one. */
  async function corrected() {
    const [source, copy] = [new TestHistory(), new TestHistory()];
    for (const each of [source, copy]) {
      await each.open();
      for (const people of [[0], [0], [0], [0, 1], [1]]) await each.add(people, 0);
    }
    const { session } = source;
    const { columns } = session.state;
    const [ada, bob] = [columns.person[0] as number, columns.person[4] as number];
    await session.correct('name', (edit) => namePerson(edit, ada, 'Ada'));
    await session.correct('split', (edit) => splitFaces(edit, [2]));
    await session.correct('answer', (edit) => separatePeople(edit, ada, bob));
    await session.correct('setCover', (edit) => chooseCover(edit, ada, 1));
    await session.correct('notAFace', (edit) => rejectFaces(edit, [5]));
    const file = await writeExport(session);
    const load = () => copy.session.exclusively(() => importLibrary(copy.session, file, {}));
    return { source, copy, load };
  }

  test('brings names, covers, people and constraints', async () => {
    const { source, copy, load } = await corrected();
    expect(await load()).toEqual({ photos: 0, faces: 0 });
    expect(await contents(copy.session)).toEqual(await contents(source.session));
    expectValid(copy.session);
    await expectStored(copy.session);
    await copy.regroup(0);
    expect(await contents(copy.session)).toEqual(await contents(source.session));
    // Again, it changes nothing.
    const before = snapshotOf(copy.session);
    await load();
    expect(snapshotOf(copy.session)).toEqual(before);
  });

  test('takes a person of a later export for the one of the library who has the confirmed faces', async () => {
    const { source, copy, load } = await corrected();
    await load();
    for (const each of [source, copy]) await each.add([0], 0);
    const { columns } = source.session.state;
    const ada = columns.person[0] as number;
    await source.session.correct('move', (edit) => moveFaces(edit, [6], ada));
    await source.session.correct('name', (edit) => namePerson(edit, ada, 'Ada Lovelace'));
    const later = await writeExport(source.session);
    await copy.session.exclusively(() => importLibrary(copy.session, later, {}));
    const { state } = copy.session;
    const own = state.columns.person[0] as number;
    expect([1, 3, 6].map((face) => state.columns.person[face])).toEqual([own, own, own]);
    expect(state.columns.has(6, flag.kept)).toBe(true);
    // The library's own name stays.
    expect([...state.people.values()].map(({ name }) => name).filter((name) => name !== '')).toEqual(['Ada']);
    expectValid(copy.session);
    await expectStored(copy.session);
  });

  test('leaves faces as they are that corrections of the library concern', async () => {
    const { copy, load } = await corrected();
    const { session } = copy;
    const { columns, constraints } = session.state;
    const own = columns.person[0] as number;
    await session.correct('split', (edit) => splitFaces(edit, [1]));
    await session.correct('notSame', (edit) => void refuseFace(edit, 4, columns.person[5] as number));
    const before = snapshotOf(session);
    await load();
    expect(columns.person[0]).toBe(own);
    for (const face of [0, 1, 2, 3]) expect(snapshotOf(session).faces.get(face)).toEqual(before.faces.get(face));
    for (const key of before.constraints.keys()) expect(constraints.has(key)).toBe(true);
    expect([...session.state.people.values()].map(({ name }) => name)).not.toContain('Ada');
    expectValid(session);
    await expectStored(session);
  });
});

test('an import keeps the names and constraints of people whose confirmed faces are in known photos', async () => {
  const [source, copy] = [new TestHistory(), new TestHistory()];
  for (const each of [source, copy]) {
    await each.open();
    await each.add([0, 1], 0);
  }
  const { columns } = source.session.state;
  const [ada, bob] = [columns.person[0] as number, columns.person[1] as number];
  await source.session.correct('name', (edit) => {
    edit.setPerson(ada, { name: 'Ada' });
    separatePeople(edit, ada, bob);
  });
  await source.add([0], 0);
  await source.add([1], 0);
  expect(columns.facesOf(ada).map((face) => columns.has(face, flag.kept))).toEqual([true, false]);
  const file = await writeExport(source.session);
  const { session } = copy;
  await session.exclusively(() => importLibrary(session, file, {}));
  await copy.regroup(0);
  expectValid(session);
  await expectStored(session);
  expect([...session.state.people.values()].map(({ name }) => name)).toEqual(['Ada']);
  expect([...session.state.constraints.values()].map(({ kind }) => kind)).toEqual(['different']);
});
