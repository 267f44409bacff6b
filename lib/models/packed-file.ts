import { FaceNetError } from '../core/errors.ts';

/** The arrays that a packed file can contain. */
type PackedArray = Float32Array | Int16Array | Uint16Array | Uint8Array;

type ArrayType<A extends PackedArray> = {
  new (buffer: ArrayBuffer, offset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
};

const alignment = 4;

/**
 * Packs arrays of numbers into one file: the kind in four characters, the length of the header, the header as JSON, then the arrays, each
 * at a multiple of four bytes. Numbers are little-endian, as in the memory of every platform that browsers run on.
 *
 * @param kind four ASCII characters.
 * @param header the description that the arrays' lengths follow from.
 */
export function pack(kind: string, header: object, arrays: readonly PackedArray[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const size = arrays.reduce((sum, array) => sum + aligned(array.byteLength), 8 + aligned(json.length));
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(kind));
  new DataView(bytes.buffer).setUint32(4, json.length, true);
  bytes.set(json, 8);
  let offset = 8 + aligned(json.length);
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  return bytes;
}

/** Reads a file that {@link pack} wrote. The arrays are views of its bytes. */
export class PackedFile {
  /** The header, which the caller must validate. */
  readonly header: unknown;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset: number;

  /** @throws {FaceNetError} `model-file-damaged` for a file of another kind. */
  constructor(kind: string, bytes: Uint8Array<ArrayBuffer>) {
    // Views of 32-bit numbers need an aligned start.
    this.#bytes = bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
    const length = bytes.length < 8 ? 0 : new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(4, true);
    if (bytes.length < 8 + length || new TextDecoder().decode(bytes.subarray(0, 4)) !== kind) throw damaged(kind);
    try {
      this.header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    } catch {
      throw damaged(kind);
    }
    this.#offset = 8 + aligned(length);
  }

  /** The next array. @throws {FaceNetError} `model-file-damaged` when the file is too short. */
  array<A extends PackedArray>(type: ArrayType<A>, length: number): A {
    const size = length * type.BYTES_PER_ELEMENT;
    if (!(size >= 0 && this.#offset + size <= this.#bytes.length)) throw damaged('array');
    const array = new type(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, length);
    this.#offset += aligned(size);
    return array;
  }

  /** @throws {FaceNetError} `model-file-damaged` when bytes are left. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw damaged('end');
  }
}

/** The error for a packed file that is damaged. @param part what is missing, for the message. */
export function damaged(part: string): FaceNetError {
  return new FaceNetError(
    'model-file-damaged',
    `A file of the models folder is damaged (${part}): convert the model again with facenet-web add-model.`,
  );
}

function aligned(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}
