import type { Change } from '../storage/store.ts';
import type { ConstraintRow, JournalRow, PersonRow } from '../storage/tables.ts';
import { flag } from './columns.ts';
import { constraint, type PeopleState } from './state.ts';

/** A change of who is who. It records what it replaces, so that `undoEdit` restores it exactly. */
export class Edit {
  readonly state: PeopleState;
  readonly #faces = new Map<number, { person: number; flags: number }>();
  readonly #people = new Map<number, PersonRow | undefined>();
  readonly #constraints = new Map<string, ConstraintRow | undefined>();

  constructor(state: PeopleState) {
    this.state = state;
  }

  /** Whether nothing was changed. */
  get isEmpty(): boolean {
    return this.#faces.size + this.#people.size + this.#constraints.size === 0;
  }

  newPerson(): number {
    return this.state.nextPerson++;
  }

  /** Puts a face into a person, or into none. */
  assign(face: number, person: number, flags = this.state.columns.flags[face] as number): void {
    const { columns } = this.state;
    if (columns.person[face] === person && columns.flags[face] === flags) return;
    this.#recordFace(face);
    columns.assign(face, person, flags);
  }

  /** Removes a face, which `undoEdit` does not bring back. */
  removeFace(face: number): void {
    this.#recordFace(face);
    this.state.columns.remove(face);
  }

  /** Puts a face into a person, where it stays until another correction moves it. */
  keep(face: number, person: number): void {
    this.assign(face, person, ((this.state.columns.flags[face] as number) | flag.kept) & ~flag.notAFace);
  }

  /** Keeps all faces of a person. */
  keepAll(person: number): void {
    for (const face of this.state.columns.facesOf(person)) this.keep(face, person);
  }

  /** Changes what is known of a person. @param change undefined properties are removed. */
  setPerson(person: number, change: { [K in keyof PersonRow]?: PersonRow[K] | undefined }): void {
    const { cover, ...row } = { ...this.state.details(person), ...change } as PersonRow;
    this.replacePerson({ ...row, ...(cover !== undefined && { cover }) });
  }

  /** Replaces all that is known of a person. */
  replacePerson(row: PersonRow): void {
    this.#recordPerson(row.number);
    this.state.setPerson(row.number, hasDetails(row) ? row : undefined);
  }

  removePerson(person: number): void {
    if (!this.state.people.has(person)) return;
    this.#recordPerson(person);
    this.state.setPerson(person, undefined);
  }

  add(kind: ConstraintRow['kind'], a: number, b: number): void {
    const row = constraint(kind, a, b);
    if (this.state.constraints.has(row.key)) return;
    this.#recordConstraint(row.key);
    this.state.setConstraint(row.key, row);
  }

  remove(row: ConstraintRow): void {
    if (!this.state.constraints.has(row.key)) return;
    this.#recordConstraint(row.key);
    this.state.setConstraint(row.key, undefined);
  }

  /** What the edit replaced. */
  journal(number: number, change: string): JournalRow {
    const faces = [...this.#faces];
    return {
      number,
      change,
      faces: Uint32Array.from(faces, ([face]) => face),
      person: Uint32Array.from(faces, ([, { person }]) => person),
      flags: Uint8Array.from(faces, ([, { flags }]) => flags),
      people: [...this.#people].map(([number, row]) => ({ number, row })),
      constraints: [...this.#constraints].map(([key, row]) => ({ key, row })),
    };
  }

  /** The rows to write beside the columns. */
  changes(): Change {
    const { people, constraints } = this.state;
    return {
      people: rowsToWrite(this.#people.keys(), people),
      constraints: rowsToWrite(this.#constraints.keys(), constraints),
    };
  }

  #recordFace(face: number): void {
    const { person, flags } = this.state.columns;
    if (!this.#faces.has(face)) this.#faces.set(face, { person: person[face] as number, flags: flags[face] as number });
  }

  #recordPerson(person: number): void {
    if (!this.#people.has(person)) this.#people.set(person, this.state.people.get(person));
  }

  #recordConstraint(key: string): void {
    if (!this.#constraints.has(key)) this.#constraints.set(key, this.state.constraints.get(key));
  }
}

function hasDetails({ name, hidden, cover, refused }: PersonRow): boolean {
  return name !== '' || hidden || cover !== undefined || refused.length > 0;
}

function rowsToWrite<K extends number | string, Row>(
  keys: Iterable<K>,
  rows: ReadonlyMap<K, Row>,
): { put: Row[]; remove: K[] } {
  const [put, remove]: [Row[], K[]] = [[], []];
  for (const key of keys) {
    const row = rows.get(key);
    if (row) put.push(row);
    else remove.push(key);
  }
  return { put, remove };
}
