/**
 * Writes tables in front of an existing FlatBuffer, from front to back, so that every offset points forwards. Positions are in bytes
 * from the start.
 */
export class FlatbufferPrefix {
  readonly #view = new DataView(new ArrayBuffer(1 << 16));
  #length = 8;

  /** Reserves bytes at a multiple of 4. @returns their position. */
  reserve(bytes: number): number {
    const at = this.align(4);
    this.#length += bytes;
    return at;
  }

  /** Pads to a multiple of `bytes`. @returns the position of the end. */
  align(bytes: number): number {
    this.#length = Math.ceil(this.#length / bytes) * bytes;
    return this.#length;
  }

  /** Writes a uint32. */
  setUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Writes UTF-8 text without a length. */
  setText(at: number, text: string): void {
    new Uint8Array(this.#view.buffer).set(new TextEncoder().encode(text), at);
  }

  /** Adds a field to a table. @returns the position of its value. */
  field(table: number, number: number): number {
    const vtable = table - this.#view.getInt32(table, true);
    this.#view.setUint16(vtable + 4 + 2 * number, 4 + 4 * number, true);
    return table + 4 + 4 * number;
  }

  /** Writes an offset at `from` that points to `to`. */
  point(from: number, to: number): void {
    this.setUint32(from, to - from);
  }

  /** Adds a vector of `length` offsets, and an offset to it at `from`. @returns the position of its first element. */
  vector(from: number, length: number): number {
    const at = this.reserve(4 + 4 * length);
    this.setUint32(at, length);
    this.point(from, at);
    return at + 4;
  }

  /** Adds a table for up to `fields` fields of 4 bytes, and an offset to it at `from`. @returns its position. */
  table(from: number, fields: number): number {
    const vtable = this.reserve(4 + 2 * fields);
    const table = this.reserve(4 + 4 * fields);
    this.#view.setUint16(vtable, 4 + 2 * fields, true);
    this.#view.setUint16(vtable + 2, 4 + 4 * fields, true);
    this.#view.setInt32(table, table - vtable, true);
    this.point(from, table);
    return table;
  }

  /** Adds a string, and an offset to it at `from`. */
  text(from: number, text: string): void {
    const at = this.reserve(4 + text.length + 1);
    this.setUint32(at, text.length);
    this.setText(at + 4, text);
    this.point(from, at);
  }

  /** Adds a vector of bytes, and an offset to it at `from`. The bytes start at a multiple of 16, as the schema requires. */
  bytes(from: number, bytes: Uint8Array): void {
    this.#length = Math.ceil((this.#length + 4) / 16) * 16 - 4;
    const at = this.reserve(4 + bytes.length);
    this.setUint32(at, bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, at + 4);
    this.point(from, at);
  }

  /** The bytes so far. */
  finish(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }
}
