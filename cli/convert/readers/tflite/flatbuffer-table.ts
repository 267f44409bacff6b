import { ByteBuffer } from 'flatbuffers';

/**
 * A table of a FlatBuffer, read by field number: as much of the format as a .tflite file needs, without code generated
 * from its schema. A field that is absent reads as its default.
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

  /** A table without any field, for one that a file leaves out. */
  static readonly empty = Table.root(new Uint8Array([8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0]));

  /** Where a field's value lies, or 0 where the field is absent. */
  field(number: number): number {
    const offset = this.buffer.__offset(this.position, 4 + 2 * number);
    return offset === 0 ? 0 : this.position + offset;
  }

  byte(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt8(at);
  }

  int(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.buffer.readInt32(at);
  }

  table(number: number): Table | undefined {
    const at = this.field(number);
    return at === 0 ? undefined : new Table(this.buffer, this.buffer.__indirect(at));
  }

  /** The tables of a vector of tables. */
  tables(number: number): Table[] {
    return this.vector(number, 4, (at) => new Table(this.buffer, this.buffer.__indirect(at)));
  }

  ints(number: number): number[] {
    return this.vector(number, 4, (at) => this.buffer.readInt32(at));
  }

  shorts(number: number): number[] {
    return this.vector(number, 2, (at) => this.buffer.readUint16(at));
  }

  /** How many elements a vector has; 0 where it is absent. */
  length(number: number): number {
    const at = this.field(number);
    return at === 0 ? 0 : this.within(at, 1);
  }

  /** A vector's length, which the file has room for: damaged files claim any. */
  private within(at: number, size: number): number {
    const length = this.buffer.__vector_len(at);
    const start = this.buffer.__vector(at);
    if (length < 0 || start < 0 || start + length * size > this.buffer.capacity()) {
      throw new RangeError('a vector is longer than the file');
    }
    return length;
  }

  /** A copy, with a buffer of its own. */
  bytes(number: number): Uint8Array<ArrayBuffer> {
    const at = this.field(number);
    if (at === 0) return new Uint8Array();
    const start = this.buffer.__vector(at);
    return Uint8Array.from(this.buffer.bytes().subarray(start, start + this.within(at, 1)));
  }

  private vector<T>(number: number, size: number, read: (at: number) => T): T[] {
    const at = this.field(number);
    if (at === 0) return [];
    const start = this.buffer.__vector(at);
    return Array.from({ length: this.within(at, size) }, (_, i) => read(start + i * size));
  }
}
