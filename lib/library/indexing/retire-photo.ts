import { yieldToEventLoop } from '../../core/cancellation.ts';
import { corrected, flag } from '../people/columns.ts';
import type { Edit } from '../people/edit.ts';
import { facesByPerson } from '../people/members.ts';
import { settlePeople } from '../people/settle-people.ts';
import { type FacesOfPhoto, successorsOf } from '../people/successors.ts';
import { type Successors, withSuccessors } from '../people/undo.ts';
import type { LibrarySession } from '../session/session.ts';
import type { Change } from '../storage/store.ts';
import type { ConstraintRow, FaceRow, JournalRow, PhotoRow } from '../storage/tables.ts';

/** Up to this number of people, the faces of each are searched; those of more are found faster by one pass over all faces. */
const maxSearchedPeople = 50;

/** A photo that replaces others. */
export interface Replacement extends FacesOfPhoto {
  /** Whether it was in the library before it replaced them: it may be an unrelated photo. */
  isKnown: boolean;
}

/**
 * Removes photos with their faces. Their embeddings are overwritten, and their numbers are not used again. The stored neighbour graph
 * stays: see `discardGraph` and `discardWornGraph`.
 *
 * @param replacement the photo that replaces them, if there is one: the faces that were in the photos before take over people and
 *   constraints.
 */
export async function retirePhotos(
  session: LibrarySession,
  edit: Edit,
  photos: readonly PhotoRow[],
  replacement?: Replacement,
): Promise<Change> {
  if (photos.length === 0) return {};
  const { store, rule, generation, grouping } = session;
  const comparison = { rule, generation, within: grouping.within, placeSuffices: !replacement?.isKnown };
  const successors = new Map<number, number | undefined>();
  const rows: FaceRow[] = [];
  for (const photo of photos) {
    const faces = (await store.getAll('faces', photo.faces)).filter((row) => row !== undefined);
    rows.push(...faces);
    const found = successorsOf({ ...photo, faces }, replacement ?? { ...photo, faces: [] }, comparison);
    for (const [from, to] of found) successors.set(from, to);
  }
  return {
    photos: { remove: photos.map(({ number }) => number) },
    previews: { remove: photos.map(({ number }) => number) },
    ...(await retireFaces(session, edit, rows, successors)),
  };
}

/** Removes faces. @param successors the face that takes over people and constraints of each, if there is one. */
export async function retireFaces(
  session: LibrarySession,
  edit: Edit,
  rows: readonly FaceRow[],
  successors: Successors,
): Promise<Change> {
  const { columns, constraints } = session.state;
  const emptied: FaceRow[] = [];
  for (const row of rows) {
    emptied.push(withoutEmbedding(row));
    if (emptied.length % 64 === 0) await yieldToEventLoop(undefined);
  }
  // From here on nothing yields: nobody shall see a part of the change.
  const people = new Set<number>();
  // Not all constraints are searched for each face.
  const refused = new Map<number, ConstraintRow[]>();
  for (const row of constraints.values()) {
    if (row.kind === 'not-person') refused.set(row.a, [...(refused.get(row.a) ?? []), row]);
  }
  const heirs = new Map(successors);
  for (const { number } of rows) {
    const successor = successors.get(number);
    for (const face of [number, successor]) if (face !== undefined) people.add(columns.person[face] as number);
    if (successor !== undefined && !takeOver(edit, number, successor)) heirs.set(number, undefined);
    edit.removeFace(number);
    for (const row of refused.get(number) ?? []) edit.remove(row);
  }
  settlePeople(edit, people, people.size > maxSearchedPeople ? facesByPerson(columns) : undefined);
  const { meta } = session;
  if (rows.length > 0) session.meta = { ...meta, removed: (meta.removed ?? 0) + rows.length };
  return {
    crops: { remove: rows.map(({ number }) => number) },
    faces: { put: emptied },
    journal: await journalChange(session, heirs),
  };
}

/** The row of a removed face. The graph needs one of each face. The similarity to strangers was computed from the embedding. */
function withoutEmbedding({ strangerSimilarity: _, ...row }: FaceRow): FaceRow {
  return { ...row, embedding: new Float32Array(row.embedding.length) };
}

/**
 * Gives a face the person and the constraints of another, unless corrections concern it already.
 *
 * @returns whether it did. Otherwise what can be undone about the other face does not concern it.
 */
function takeOver(edit: Edit, from: number, to: number): boolean {
  const { columns, people } = edit.state;
  for (const { number, cover } of [...people.values()]) if (cover === from) edit.setPerson(number, { cover: to });
  if (columns.has(to, corrected) || refusals(edit, to).length > 0) return false;
  const decided = (columns.flags[from] as number) & corrected;
  const poor = (columns.flags[to] as number) & flag.poor;
  const present = columns.person[to] as number;
  const isRefused = refusals(edit, from).some(({ b }) => b === present);
  const person = decided === 0 && !isRefused ? present : 0;
  edit.assign(to, decided & flag.kept ? (columns.person[from] as number) : person, decided | poor);
  for (const row of refusals(edit, from)) edit.add(row.kind, to, row.b);
  return true;
}

/** The constraints that say of whom a face is not. */
function refusals({ state }: Edit, face: number): ConstraintRow[] {
  return [...state.constraints.values()].filter(({ kind, a }) => kind === 'not-person' && a === face);
}

/** What can be undone concerns the successors from now on. */
async function journalChange(session: LibrarySession, successors: Successors): Promise<NonNullable<Change['journal']>> {
  if (successors.size === 0) return {};
  const [put, remove]: [JournalRow[], number[]] = [[], []];
  for (const row of await session.journal()) {
    const changed = withSuccessors(row, successors);
    if (!changed) remove.push(row.number);
    else if (changed !== row) put.push(changed);
  }
  return { put, remove };
}
