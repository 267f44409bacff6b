/** Reads the little-endian fields of a pickle. Each read is checked against the end of the file. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An error with the cause and the position, to be thrown. */
  error(cause: string): SyntaxError {
    return new SyntaxError(`The pickle cannot be read at byte ${this.#position}: ${cause}.`);
  }

  /** @throws {SyntaxError} if fewer than `count` bytes are left. */
  requireBytes(count: number): void {
    const left = this.#bytes.length - this.#position;
    if (count > left) throw this.error(`it announces ${count} bytes, but ${left} are left. Download the file again`);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** Rounded to a double: any length that is not exact is far beyond the end of a file. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** The next bytes as UTF-8. @throws {SyntaxError} if they are not UTF-8. */
  text(count: number): string {
    const bytes = this.bytes(count);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.error('a text is not UTF-8');
    }
  }

  /** The text up to the next line feed, which is skipped. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0) throw this.error('a line has no end. Download the file again');
    const text = this.text(end - this.#position);
    this.#position++;
    return text;
  }

  #advance(count: number): number {
    this.requireBytes(count);
    const start = this.#position;
    this.#position += count;
    return start;
  }
}
