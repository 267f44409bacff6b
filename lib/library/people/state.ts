import { FaceNetError } from '../../core/errors.ts';
import type { ConstraintRow, PersonRow } from '../storage/tables.ts';
import { type FaceColumns, flag } from './columns.ts';
import { PairMap } from './pair-map.ts';
import { RestorableRows } from './restorable-rows.ts';

/** Who is who: the person of each face, what is known of people, and the constraints. Changes can be taken back until they are stored. */
export class PeopleState {
  readonly columns: FaceColumns;
  readonly #people: RestorableRows<number, PersonRow>;
  readonly #constraints: RestorableRows<string, ConstraintRow>;
  /** The number of the next person. */
  nextPerson: number;
  #storedNextPerson: number;

  constructor(
    columns: FaceColumns,
    people: readonly PersonRow[],
    constraints: readonly ConstraintRow[],
    nextPerson: number,
  ) {
    this.columns = columns;
    this.#people = new RestorableRows(people.map((row) => [row.number, row]));
    this.#constraints = new RestorableRows(constraints.map((row) => [row.key, row]));
    this.nextPerson = nextPerson;
    this.#storedNextPerson = nextPerson;
  }

  get people(): ReadonlyMap<number, PersonRow> {
    return this.#people.rows;
  }

  get constraints(): ReadonlyMap<string, ConstraintRow> {
    return this.#constraints.rows;
  }

  /** Replaces the row of a person. @param row undefined removes it. */
  setPerson(person: number, row: PersonRow | undefined): void {
    this.#people.set(person, row);
  }

  /** Replaces a constraint. @param row undefined removes it. */
  setConstraint(key: string, row: ConstraintRow | undefined): void {
    this.#constraints.set(key, row);
  }

  /** Notes that all changes are stored. */
  markStored(): void {
    this.columns.markStored();
    this.#people.markStored();
    this.#constraints.markStored();
    this.#storedNextPerson = this.nextPerson;
  }

  /** Restores what is stored. */
  rollBack(): void {
    this.columns.rollBack();
    this.#people.rollBack();
    this.#constraints.rollBack();
    this.nextPerson = this.#storedNextPerson;
  }

  /** What is known of a person: the defaults, if nothing is. */
  details(person: number): PersonRow {
    return this.people.get(person) ?? { number: person, name: '', hidden: false, refused: [] };
  }

  /** The people that have a row or a constraint. */
  mentioned(): number[] {
    return [...new Set([...this.people.keys(), ...[...this.constraints.values()].flatMap(peopleOf)])];
  }

  /** The faces of a person. @throws {FaceNetError} `library-unknown` if there are none. */
  requireFaces(person: number): number[] {
    const faces = Number.isInteger(person) && person > 0 ? this.columns.facesOf(person) : [];
    if (faces.length > 0) return faces;
    throw new FaceNetError('library-unknown', `The library has no person ${person}: take a number from people().`);
  }

  /** Checks the number of a face. @throws {FaceNetError} `library-unknown` */
  requireFace(face: number): number {
    const { columns } = this;
    if (Number.isInteger(face) && face >= 0 && face < columns.size && !columns.has(face, flag.removed)) return face;
    throw new FaceNetError('library-unknown', `The library has no face ${face}: take a number from facesOf().`);
  }

  /**
   * The pairs of people about whom a correction says something: they are different, a face of one is not of the other, or the user was
   * unsure.
   */
  constrainedPairs(): PairMap<true> {
    const pairs = new PairMap<true>();
    for (const { kind, a, b } of this.constraints.values()) {
      pairs.set(kind === 'not-person' ? (this.columns.person[a] as number) : a, b, true);
    }
    return pairs;
  }

  /** Whether two people have names, and not the same. */
  haveDifferentNames(a: number, b: number): boolean {
    const [name, other] = [this.people.get(a)?.name, this.people.get(b)?.name];
    return Boolean(name && other) && name !== other;
  }
}

/** A constraint with its key. Of two people the lower number comes first. */
export function constraint(kind: ConstraintRow['kind'], a: number, b: number): ConstraintRow {
  const [x, y] = kind === 'not-person' || a < b ? [a, b] : [b, a];
  return { key: `${kind} ${x} ${y}`, kind, a: x, b: y };
}

/** The people that a constraint is about. */
export function peopleOf({ kind, a, b }: ConstraintRow): number[] {
  return kind === 'not-person' ? [b] : [a, b];
}
