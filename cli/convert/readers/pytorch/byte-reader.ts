import { damaged } from '../../errors.ts';

/** Reads numbers and text from bytes, in order. Every method throws `model-file-damaged` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** An unsigned integer of 2 bytes. */
  short(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** A signed integer of 4 bytes. */
  int(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** An unsigned integer of 4 bytes. */
  unsigned(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A signed integer of 8 bytes, exact up to 2⁵³. */
  long(): number {
    return Number(this.#view.getBigInt64(this.#take(8), true));
  }

  /** A float of 8 bytes whose first byte is the most significant one. */
  bigEndianDouble(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A view of bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** UTF-8. */
  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length));
  }

  /** Text up to a line feed, without it. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0) throw damaged('The file is truncated');
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  #take(length: number): number {
    const start = this.position;
    if (!(length >= 0 && start + length <= this.#bytes.length)) throw damaged('The file is truncated');
    this.position += length;
    return start;
  }
}
