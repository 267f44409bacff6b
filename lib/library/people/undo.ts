import type { JournalRow, PersonRow } from '../storage/tables.ts';
import { corrected, flag } from './columns.ts';
import { Edit } from './edit.ts';
import { settlePeople } from './settle-people.ts';
import { constraint, type PeopleState, peopleOf } from './state.ts';

/** Restores what an edit replaced, as far as its faces and people still exist. @returns the edit that did so. */
export function undoEdit(state: PeopleState, journal: JournalRow): Edit {
  const { columns } = state;
  const edit = new Edit(state);
  const concerned = new Set<number>();
  journal.faces.forEach((face, i) => {
    if (columns.has(face, flag.removed)) return;
    const person = journal.person[i] as number;
    for (const each of [person, columns.person[face] as number]) concerned.add(each);
    const flags = ((columns.flags[face] as number) & ~corrected) | ((journal.flags[i] as number) & corrected);
    edit.assign(face, person, flags);
  });
  for (const { number, row } of journal.people) {
    concerned.add(number);
    if (row) edit.replacePerson(row);
    else edit.removePerson(number);
  }
  for (const { key, row } of journal.constraints) {
    const present = state.constraints.get(key);
    for (const each of [row, present]) for (const person of each ? peopleOf(each) : []) concerned.add(person);
    if (row) edit.add(row.kind, row.a, row.b);
    else if (present) edit.remove(present);
  }
  settlePeople(edit, concerned);
  return edit;
}

/** Removed faces, each with the face that takes its place, if there is one. */
export type Successors = ReadonlyMap<number, number | undefined>;

/**
 * An entry of the journal after faces were removed: their successors take their places, unless the entry concerns a successor itself.
 *
 * @returns the same entry if it does not concern the faces; undefined if nothing is left to undo.
 */
export function withSuccessors(journal: JournalRow, successors: Successors): JournalRow | undefined {
  const isRemoved = (face: number | undefined) => face !== undefined && successors.has(face);
  const isConcerned =
    journal.faces.some(isRemoved) ||
    journal.people.some(({ row }) => isRemoved(row?.cover)) ||
    journal.constraints.some(({ key }) => isRemoved(refusedFace(key)));
  if (!isConcerned) return journal;
  const now = (face: number) => (successors.has(face) ? successors.get(face) : face);
  const faces = new Set(journal.faces);
  const constraints = new Set(journal.constraints.map(({ key }) => key));
  const left = [...journal.faces.keys()].filter((i) => {
    const face = journal.faces[i] as number;
    const present = now(face);
    return present !== undefined && (present === face || !faces.has(present));
  });
  const changed = {
    ...journal,
    faces: Uint32Array.from(left, (i) => now(journal.faces[i] as number) as number),
    person: Uint32Array.from(left, (i) => journal.person[i] as number),
    flags: Uint8Array.from(left, (i) => journal.flags[i] as number),
    people: journal.people.map(({ number, row }) => ({ number, row: row && withCover(row, now) })),
    constraints: journal.constraints.flatMap((entry) =>
      constraintOf(entry, now).filter(({ key }) => key === entry.key || !constraints.has(key)),
    ),
  };
  return changed.faces.length + changed.people.length + changed.constraints.length === 0 ? undefined : changed;
}

function withCover(row: PersonRow, now: (face: number) => number | undefined): PersonRow {
  const { cover, ...rest } = row;
  const other = cover === undefined ? undefined : now(cover);
  return other === undefined ? rest : { ...rest, cover: other };
}

function constraintOf(
  entry: JournalRow['constraints'][number],
  now: (face: number) => number | undefined,
): JournalRow['constraints'] {
  const face = refusedFace(entry.key);
  if (face === undefined) return [entry];
  const other = now(face);
  if (other === undefined) return [];
  const row = constraint('not-person', other, Number(entry.key.split(' ')[2]));
  return [{ key: row.key, row: entry.row && row }];
}

/** The face of a constraint of the kind `not-person`, by its key. */
function refusedFace(key: string): number | undefined {
  const [kind, face] = key.split(' ');
  return kind === 'not-person' ? Number(face) : undefined;
}
