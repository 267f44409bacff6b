import { ByteBuffer } from 'flatbuffers';

/**
 * A table of a FlatBuffer, read by field number. Implements the part of the format that .tflite files use, without code generated
 * from the schema. An absent field reads as 0, undefined or empty.
 */
export class Table {
  readonly buffer: ByteBuffer;
  readonly position: number;

  constructor(buffer: ByteBuffer, position: number) {
    this.buffer = buffer;
    this.position = position;
  }

  /** The root table of a file. */
  static root(bytes: Uint8Array): Table {
    const buffer = new ByteBuffer(bytes);
    return new Table(buffer, buffer.readUint32(0));
  }

  /** A table without fields, for an absent table. */
  static readonly empty = Table.root(new Uint8Array([8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0]));

  /** The position of a field's value; 0 when the field is absent. */
  field(number: number): number {
    const offset = this.buffer.__offset(this.position, 4 + 2 * number);
    return offset === 0 ? 0 : this.position + offset;
  }

  /** An int8 field. */
  byte(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt8(at);
  }

  /** An int32 field. */
  int(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt32(at);
  }

  /** A table field. */
  table(number: number): Table | undefined {
    const at = this.field(number);
    return at === 0 ? undefined : new Table(this.buffer, this.buffer.__indirect(at));
  }

  /** A vector of tables. @throws {RangeError} when it is longer than the file. */
  tables(number: number): Table[] {
    return this.#vector(number, 4, (at) => new Table(this.buffer, this.buffer.__indirect(at)));
  }

  /** A vector of int32. @throws {RangeError} when it is longer than the file. */
  ints(number: number): number[] {
    return this.#vector(number, 4, (at) => this.buffer.readInt32(at));
  }

  /** A vector of uint16. @throws {RangeError} when it is longer than the file. */
  shorts(number: number): number[] {
    return this.#vector(number, 2, (at) => this.buffer.readUint16(at));
  }

  /** A copy of a vector of bytes, in a buffer of its own. @throws {RangeError} when it is longer than the file. */
  bytes(number: number): Uint8Array<ArrayBuffer> {
    const at = this.field(number);
    if (at === 0) return new Uint8Array();
    const start = this.buffer.__vector(at);
    return Uint8Array.from(this.buffer.bytes().subarray(start, start + this.#checkedLength(at, 1)));
  }

  /** The number of elements of a vector. @throws {RangeError} when it is longer than the file. */
  length(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.#checkedLength(at, 1);
  }

  #vector<T>(number: number, elementSize: number, read: (at: number) => T): T[] {
    const at = this.field(number);
    if (at === 0) return [];
    const start = this.buffer.__vector(at);
    return Array.from({ length: this.#checkedLength(at, elementSize) }, (_, i) => read(start + i * elementSize));
  }

  /** Damaged files can state any length. */
  #checkedLength(at: number, elementSize: number): number {
    const length = this.buffer.__vector_len(at);
    const start = this.buffer.__vector(at);
    if (length < 0 || start < 0 || start + length * elementSize > this.buffer.capacity()) {
      throw new RangeError('a vector is longer than the file');
    }
    return length;
  }
}
