import { FaceNetError } from '../../core/errors.ts';
import type { ConstraintRow } from '../storage/tables.ts';
import { flag } from './columns.ts';
import type { Edit } from './edit.ts';
import { settlePeople } from './settle-people.ts';

/**
 * The corrections of a user. A correction keeps the faces of the people that it concerns, also of those whose faces it moves: they
 * stay together until another correction moves them. Only `rejectFaces` keeps none: it says nothing about the other faces. A later
 * correction replaces the constraints that contradict it.
 */

/** Makes one person of several: the named one with the most faces, or else the one with the most faces. @returns its number. */
export function mergePeople(edit: Edit, people: readonly number[]): number {
  const { state } = edit;
  const distinct = [...new Set(people)];
  const sizes = new Map(distinct.map((person) => [person, state.requireFaces(person).length]));
  if (distinct.length < 2)
    throw new FaceNetError('option-invalid', 'merge() needs two people: pass two different numbers.');
  const rank = (person: number) => Number(state.details(person).name !== '') * 1e12 + (sizes.get(person) as number);
  const [target, ...others] = distinct.sort((a, b) => rank(b) - rank(a) || a - b) as [number, ...number[]];
  for (const person of distinct) for (const face of state.columns.facesOf(person)) edit.keep(face, target);
  for (const row of [...state.constraints.values()]) moveConstraint(edit, row.key, target, new Set(others));
  const refused = [...new Set(distinct.flatMap((person) => state.details(person).refused))];
  if (refused.length > 0) edit.setPerson(target, { refused });
  for (const person of others) edit.removePerson(person);
  return target;
}

/** Moves a constraint of people that were merged to the person they became, and drops it if it contradicts the merge. */
function moveConstraint(edit: Edit, key: string, target: number, others: ReadonlySet<number>): void {
  const row = edit.state.constraints.get(key);
  if (!row) return;
  const moved = (person: number) => (others.has(person) ? target : person);
  const b = moved(row.b);
  if (row.kind === 'not-person') {
    const isContradiction = b === target && edit.state.columns.person[row.a] === target;
    if (b === row.b && !isContradiction) return;
    edit.remove(row);
    if (!isContradiction) edit.add(row.kind, row.a, b);
    return;
  }
  const a = moved(row.a);
  if (a === row.a && b === row.b) return;
  edit.remove(row);
  if (a !== b) edit.add(row.kind, a, b);
}

/** Makes a new person of faces. They are not of the people that they were in before. @returns its number. */
export function splitFaces(edit: Edit, faces: readonly number[]): number {
  const { columns } = edit.state;
  const before = new Map(checkedFaces(edit, faces).map((face) => [face, columns.person[face] as number]));
  const people = new Set(before.values());
  const keptIn = new Set(
    faces.filter((face) => columns.has(face, flag.kept)).map((face) => before.get(face) as number),
  );
  const strangers = new Set([...keptIn].flatMap((former) => strangersOf(edit, former)));
  const person = edit.newPerson();
  for (const face of faces) edit.keep(face, person);
  for (const stranger of strangers) edit.add('different', person, stranger);
  for (const other of people) {
    if (other === 0 || columns.facesOf(other).length === 0) continue;
    edit.keepAll(other);
    edit.add('different', person, other);
    // Of each face, too, so that it holds for one that a later correction takes from the new person.
    for (const [face, former] of before) if (former === other) edit.add('not-person', face, other);
  }
  settlePeople(edit, people);
  return person;
}

/**
 * The people that are not a person, as corrections state. They hold for a face that leaves the person, if a correction kept it there:
 * the user stated them about this face, too.
 */
function strangersOf({ state: { constraints } }: Edit, person: number): number[] {
  const isOfPerson = ({ kind, a, b }: ConstraintRow) => kind === 'different' && (a === person || b === person);
  return [...constraints.values()].filter(isOfPerson).map(({ a, b }) => (a === person ? b : a));
}

/** Moves faces into a person. */
export function moveFaces(edit: Edit, faces: readonly number[], person: number): void {
  edit.state.requireFaces(person);
  const { columns, constraints } = edit.state;
  const before = new Set(checkedFaces(edit, faces).map((face) => columns.person[face] as number));
  for (const face of faces) {
    edit.keep(face, person);
    const row = constraints.get(`not-person ${face} ${person}`);
    if (row) edit.remove(row);
  }
  // The other faces they were with resemble them: if these were free, the next grouping would add them to the person, too.
  for (const each of new Set([person, ...before])) if (each !== 0) edit.keepAll(each);
  settlePeople(edit, before);
}

/** States that a face is not of a person. @returns the faces to group again. */
export function refuseFace(edit: Edit, face: number, person: number): number[] {
  edit.state.requireFace(face);
  edit.state.requireFaces(person);
  const { columns } = edit.state;
  const wasMember = columns.person[face] === person;
  if (wasMember) {
    const strangers = columns.has(face, flag.kept) ? strangersOf(edit, person) : [];
    for (const stranger of strangers) edit.add('not-person', face, stranger);
    edit.assign(face, 0, (columns.flags[face] as number) & ~flag.kept);
  }
  edit.add('not-person', face, person);
  edit.keepAll(person);
  settlePeople(edit, [person]);
  return wasMember ? [face] : [];
}

/** States that two people are not the same. */
export function separatePeople(edit: Edit, a: number, b: number): void {
  requireTwoPeople(edit, a, b);
  edit.keepAll(a);
  edit.keepAll(b);
  edit.add('different', a, b);
}

/** States that all faces of a person are of this person. */
export function confirmPerson(edit: Edit, person: number): void {
  edit.state.requireFaces(person);
  edit.keepAll(person);
}

/** Names a person. @param name empty for none. */
export function namePerson(edit: Edit, person: number, name: string): void {
  edit.state.requireFaces(person);
  if (edit.state.details(person).name === name) return;
  edit.setPerson(person, { name });
  edit.keepAll(person);
}

/** States that a person does not have a name. It stays refused for the same faces. */
export function refuseName(edit: Edit, person: number, name: string): void {
  edit.state.requireFaces(person);
  const { refused } = edit.state.details(person);
  if (!refused.includes(name)) edit.setPerson(person, { refused: [...refused, name] });
  edit.keepAll(person);
}

/** Hides a person, or shows it again. */
export function hidePerson(edit: Edit, person: number, hidden: boolean): void {
  edit.state.requireFaces(person);
  if (edit.state.details(person).hidden === hidden) return;
  edit.setPerson(person, { hidden });
  edit.keepAll(person);
}

/** Chooses the face that represents a person. */
export function chooseCover(edit: Edit, person: number, face: number): void {
  if (!edit.state.requireFaces(person).includes(face)) {
    throw new FaceNetError(
      'option-invalid',
      `The face ${face} is not of the person ${person}: take one from facesOf().`,
    );
  }
  edit.setPerson(person, { cover: face });
  edit.keepAll(person);
}

/** States that it is unknown whether two people are the same, so that the question is not asked again. */
export function leaveUndecided(edit: Edit, a: number, b: number): void {
  requireTwoPeople(edit, a, b);
  edit.keepAll(a);
  edit.keepAll(b);
  edit.add('unsure', a, b);
}

function requireTwoPeople({ state }: Edit, a: number, b: number): void {
  for (const person of [a, b]) state.requireFaces(person);
  if (a !== b) return;
  throw new FaceNetError('option-invalid', 'A person cannot differ from itself: pass two different numbers.');
}

/** Takes detections out that are not faces. */
export function rejectFaces(edit: Edit, faces: readonly number[]): void {
  const { columns } = edit.state;
  const before = new Set(checkedFaces(edit, faces).map((face) => columns.person[face] as number));
  for (const face of faces) edit.assign(face, 0, ((columns.flags[face] as number) & ~flag.kept) | flag.notAFace);
  settlePeople(edit, before);
}

function checkedFaces(edit: Edit, faces: readonly number[]): readonly number[] {
  if (!Array.isArray(faces) || faces.length === 0) {
    throw new FaceNetError('option-invalid', 'There are no faces: pass a list with the number of at least one face.');
  }
  for (const face of faces) edit.state.requireFace(face);
  return faces;
}
