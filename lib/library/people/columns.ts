import type { ColumnRow } from '../storage/tables.ts';

/** The number of faces in a stored block. */
export const columnBlockSize = 1024;

/** The flags of a face. `kept`: a correction put it into its person, where it stays until another correction moves it. */
export const flag = { kept: 1, notAFace: 2, poor: 4, removed: 8 } as const;

/** The flags that corrections set. */
export const corrected = flag.kept | flag.notAFace;

/** The values of a face that {@link FaceColumns} holds. */
export interface FaceValues {
  /** The number of its photo. */
  photo: number;
  /** The time of its photo, in milliseconds since 1970. */
  time: number;
  /** The first digits of the photo's id, as a number: an order that does not depend on the order of arrival. */
  order: number;
  /** The number of its person; 0 if it has none. */
  person: number;
  flags: number;
}

/** What is known of every face in memory: 21 bytes each, and what was changed since it was stored. A face's number is its index. */
export class FaceColumns {
  photo = new Uint32Array(columnBlockSize);
  time = new Float64Array(columnBlockSize);
  order = new Uint32Array(columnBlockSize);
  person = new Uint32Array(columnBlockSize);
  flags = new Uint8Array(columnBlockSize);
  size = 0;
  #removed = 0;
  /** The number of faces that are stored, and how many of them are removed. */
  #stored = 0;
  #storedRemoved = 0;
  /** The blocks that differ from the stored ones. */
  readonly #changed = new Set<number>();
  /** The stored values of the faces that were changed. */
  readonly #replaced = new Map<number, Omit<FaceValues, 'photo'>>();

  /** The columns of stored blocks. @param size the number of faces. */
  static fromRows(rows: readonly ColumnRow[], size: number): FaceColumns {
    const columns = new FaceColumns();
    columns.#reserve(size);
    columns.size = size;
    for (const { number, photo, time, order, person, flags } of rows) {
      const start = number * columnBlockSize;
      columns.photo.set(photo, start);
      columns.time.set(time, start);
      columns.order.set(order, start);
      columns.person.set(person, start);
      columns.flags.set(flags, start);
    }
    for (let face = 0; face < size; face++) if (columns.has(face, flag.removed)) columns.#removed++;
    columns.markStored();
    return columns;
  }

  /** The number of faces that were not removed. */
  get present(): number {
    return this.size - this.#removed;
  }

  /** Appends a face. @returns its number. */
  append({ photo, time, order, person, flags }: FaceValues): number {
    const face = this.size++;
    this.#reserve(this.size);
    this.photo[face] = photo;
    this.time[face] = time;
    this.order[face] = order;
    this.person[face] = person;
    this.flags[face] = flags;
    this.#changed.add(Math.floor(face / columnBlockSize));
    return face;
  }

  /** Changes a face's person and flags. */
  assign(face: number, person: number, flags: number): void {
    this.#recordStored(face);
    this.#removed += Number((flags & flag.removed) !== 0) - Number(this.has(face, flag.removed));
    this.person[face] = person;
    this.flags[face] = flags;
    this.#changed.add(Math.floor(face / columnBlockSize));
  }

  /** Changes the time of a face's photo. */
  setTime(face: number, time: number): void {
    this.#recordStored(face);
    this.time[face] = time;
    this.#changed.add(Math.floor(face / columnBlockSize));
  }

  /** Removes a face: it has no person, and nothing of the photo that showed it is left but the photo's number. */
  remove(face: number): void {
    this.assign(face, 0, flag.removed);
    this.time[face] = 0;
    this.order[face] = 0;
  }

  has(face: number, mask: number): boolean {
    return ((this.flags[face] as number) & mask) !== 0;
  }

  /** The faces of a person, ascending. */
  facesOf(person: number): number[] {
    const faces: number[] = [];
    for (
      let face = this.person.indexOf(person);
      face >= 0 && face < this.size;
      face = this.person.indexOf(person, face + 1)
    ) {
      faces.push(face);
    }
    return faces;
  }

  /** The blocks to store, because they were changed. */
  changedRows(): ColumnRow[] {
    return [...this.#changed].map((number) => {
      const [start, end] = [number * columnBlockSize, (number + 1) * columnBlockSize];
      return {
        number,
        photo: this.photo.slice(start, end),
        time: this.time.slice(start, end),
        order: this.order.slice(start, end),
        person: this.person.slice(start, end),
        flags: this.flags.slice(start, end),
      };
    });
  }

  /** Notes that all changes are stored. */
  markStored(): void {
    this.#stored = this.size;
    this.#storedRemoved = this.#removed;
    this.#changed.clear();
    this.#replaced.clear();
  }

  /** Restores what is stored. */
  rollBack(): void {
    for (const [face, { time, order, person, flags }] of this.#replaced) {
      this.time[face] = time;
      this.order[face] = order;
      this.person[face] = person;
      this.flags[face] = flags;
    }
    for (const column of [this.photo, this.time, this.order, this.person, this.flags]) {
      column.fill(0, this.#stored, this.size);
    }
    this.size = this.#stored;
    this.#removed = this.#storedRemoved;
    this.markStored();
  }

  #recordStored(face: number): void {
    if (face >= this.#stored || this.#replaced.has(face)) return;
    const [time, order] = [this.time[face] as number, this.order[face] as number];
    const [person, flags] = [this.person[face] as number, this.flags[face] as number];
    this.#replaced.set(face, { time, order, person, flags });
  }

  #reserve(size: number): void {
    if (size <= this.photo.length) return;
    let length = this.photo.length;
    while (length < size) length *= 2;
    this.photo = copied(this.photo, new Uint32Array(length));
    this.time = copied(this.time, new Float64Array(length));
    this.order = copied(this.order, new Uint32Array(length));
    this.person = copied(this.person, new Uint32Array(length));
    this.flags = copied(this.flags, new Uint8Array(length));
  }
}

function copied<T extends Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
