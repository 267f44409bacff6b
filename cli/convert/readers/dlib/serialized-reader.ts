import type { FaceNetError } from '../../../../lib/core/errors.ts';
import { damaged } from '../../errors.ts';

/** The exponents that stand for a value that is no number: infinity, negative infinity, not a number. (dlib, float_details.h) */
const minSpecialExponent = 32000;

/** 2 to the power of minus the index. */
const negativePowers = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** -exponent);

/** The dimensions of a tensor, and its values in row-major order. */
export interface DlibTensor {
  /** Samples, channels, rows, columns. */
  shape: [number, number, number, number];
  values: Float32Array;
}

/**
 * Reads values in dlib's serialisation (dlib/serialize.h). Integers have a control byte with their length and sign, then their bytes,
 * the lowest first. A floating-point number is an integer mantissa and an integer exponent of 2. Each method throws a
 * {@link FaceNetError} `model-file-damaged` where the bytes are not what it reads.
 */
export class SerializedReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all bytes are read. */
  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** An integer of up to 53 bits. */
  integer(): number {
    const control = this.#byte();
    const length = control & 0x0f;
    if (length === 0 || length > 8 || (control & 0x70) !== 0)
      throw unreadable(`byte ${this.#position - 1} does not begin a number`);
    let value = 0;
    let factor = 1;
    for (let i = 0; i < length; i++, factor *= 256) value += this.#byte() * factor;
    if (value > Number.MAX_SAFE_INTEGER) throw unreadable(`the number before byte ${this.#position} is too large`);
    return control & 0x80 ? -value : value;
  }

  /** An integer from `min` to `max`. @param meaning what it is, for the error. */
  integerIn(min: number, max: number, meaning: string): number {
    const value = this.integer();
    if (value >= min && value <= max) return value;
    throw unreadable(`its ${meaning} is ${value} instead of ${min === max ? min : `${min} to ${max}`}`);
  }

  /**
   * The number of elements of a list.
   *
   * @param bytesPerElement the smallest size of an element: a list that cannot fit into the file is refused before memory is reserved
   *   for it.
   */
  count(bytesPerElement: number, meaning: string): number {
    return this.integerIn(0, Math.floor((this.#bytes.length - this.#position) / bytesPerElement), meaning);
  }

  /** A floating-point number. It is finite. */
  float(): number {
    const mantissa = this.integer();
    const exponent = this.integer();
    if (exponent >= minSpecialExponent) throw unreadable('it contains a number that is not finite');
    return mantissa * 2 ** exponent;
  }

  /** A floating-point number from `min` to `max`. @param meaning what it is, for the error. */
  floatIn(min: number, max: number, meaning: string): number {
    const value = this.float();
    if (value >= min && value <= max) return value;
    throw unreadable(`its ${meaning} is ${value} instead of ${min} to ${max}`);
  }

  /** A truth value: the character 0 or 1. */
  flag(): boolean {
    const byte = this.#byte();
    if (byte !== 0x30 && byte !== 0x31) throw unreadable(`byte ${this.#position - 1} is not a boolean value`);
    return byte === 0x31;
  }

  /** A text of at most 1,000 bytes. */
  text(): string {
    const length = this.integerIn(0, Math.min(1000, this.#bytes.length - this.#position), 'length of a text');
    const text = String.fromCharCode(...this.#bytes.subarray(this.#position, this.#position + length));
    this.#position += length;
    return text;
  }

  /** Whether the next value is an integer of one byte, positive, and at most `max`. */
  hasSmallInteger(max: number): boolean {
    const value = this.#bytes[this.#position + 1] ?? 0;
    return this.#bytes[this.#position] === 1 && value > 0 && value <= max;
  }

  /** A column vector. dlib writes the sizes of a matrix as negative numbers. @param length its length; omit it for any. */
  vector(meaning: string, length?: number): Float64Array {
    const rows = -this.integer();
    const columns = -this.integer();
    // A floating-point number has at least four bytes.
    const isPossible = rows >= 0 && columns === 1 && rows <= (this.#bytes.length - this.#position) / 4;
    if (!isPossible || (length !== undefined && rows !== length)) {
      throw unreadable(
        `its ${meaning} has ${rows} × ${columns} values${length === undefined ? '' : ` instead of ${length}`}`,
      );
    }
    return this.#floats(rows);
  }

  /** Floating-point numbers. A file of 100 MB is nearly all of these: the loop reads them without calls. */
  #floats(count: number): Float64Array {
    const bytes = this.#bytes;
    const values = new Float64Array(count);
    let position = this.#position;
    for (let i = 0; i < count; i++) {
      const control = bytes[position] as number;
      const length = control & 0x0f;
      const exponentControl = bytes[position + length + 1] as number;
      const exponent = bytes[position + length + 2] as number;
      // The usual form: a mantissa of at most six bytes and a negative exponent of one byte.
      if (!((control & 0x70) === 0 && length > 0 && length <= 6 && exponentControl === 0x81)) {
        this.#position = position;
        values[i] = this.float();
        position = this.#position;
        continue;
      }
      let mantissa = 0;
      for (let at = position + length; at > position; at--) mantissa = mantissa * 256 + (bytes[at] as number);
      values[i] = (control & 0x80 ? -mantissa : mantissa) * (negativePowers[exponent] as number);
      position += length + 3;
    }
    this.#position = position;
    if (position > bytes.length) throw unreadable('it ends too early');
    return values;
  }

  /** A tensor of a network: its sizes, then 32-bit floats. (dlib, cuda/tensor.h) */
  tensor(): DlibTensor {
    this.integerIn(2, 2, 'version of a tensor');
    const shape = [0, 0, 0, 0].map(() => this.count(1 / 2 ** 20, 'tensor size')) as DlibTensor['shape'];
    const length = shape.reduce((product, size) => product * size, 1);
    if (length * 4 > this.#bytes.length - this.#position) throw unreadable('it ends within a tensor');
    const bytes = new Uint8Array(this.#bytes.subarray(this.#position, this.#position + length * 4));
    this.#position += length * 4;
    const values = new Float32Array(bytes.buffer);
    if (!values.every(Number.isFinite)) throw unreadable('it contains a number that is not finite');
    return { shape, values };
  }

  #byte(): number {
    if (this.#position >= this.#bytes.length) throw unreadable('it ends too early');
    return this.#bytes[this.#position++] as number;
  }
}

/** The error for a file that is not what its reader reads. @param fault the reason, as a clause. */
export function unreadable(fault: string): FaceNetError {
  return damaged(`The file is not a dlib model that can be read, because ${fault}`);
}
