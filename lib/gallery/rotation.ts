import { FaceNetError } from '../core/errors.ts';
import { type Bytes, equalBytes, utf8 } from './crypto/bytes.ts';

/** The key of a gallery's rotations, of which there is one for each number of dimensions. */
export class TemplateKey {
  readonly #source: CryptoKey;
  readonly #rotations = new Map<number, Promise<Rotation>>();
  /** 16 bytes that tell whether two keys are one, and nothing of the key. */
  readonly check: Bytes;

  private constructor(source: CryptoKey, check: Bytes) {
    this.#source = source;
    this.check = check;
  }

  /**
   * @param key 32 secret random bytes: `crypto.getRandomValues(new Uint8Array(32))`, kept apart from the gallery.
   * @throws {FaceNetError} `option-invalid` for a key that is not 32 bytes.
   */
  static async from(key: Uint8Array): Promise<TemplateKey> {
    if (!(key instanceof Uint8Array) || key.length !== 32) {
      throw new FaceNetError('option-invalid', 'A template key is a Uint8Array of 32 random bytes.');
    }
    const source = await crypto.subtle.importKey('raw', new Uint8Array(key), 'HKDF', false, [
      'deriveBits',
      'deriveKey',
    ]);
    return new TemplateKey(source, new Uint8Array(await crypto.subtle.deriveBits(purpose('check'), source, 128)));
  }

  /** The rotation of embeddings of so many numbers; always the same. */
  rotation(dimension: number): Promise<Rotation> {
    const known = this.#rotations.get(dimension);
    if (known) return known;
    const made = this.#make(dimension);
    this.#rotations.set(dimension, made);
    return made;
  }

  /** Whether a gallery with this check was made with this key. */
  matches(check: Uint8Array): boolean {
    return equalBytes(check, this.check);
  }

  async #make(dimension: number): Promise<Rotation> {
    const aes = { name: 'AES-CTR', length: 256 };
    const stream = await crypto.subtle.deriveKey(purpose('stream'), this.#source, aes, false, ['encrypt']);
    // Two words make two numbers; n reflections of n, n − 1, … 1 numbers need n(n + 1)/2.
    return Rotation.drawn(dimension, normals(await keyStream(stream, (dimension * (dimension + 1)) / 2 + 2)));
  }
}

/**
 * A secret rotation of embeddings, for revocable templates: an orthogonal matrix, drawn evenly from all of them by a
 * {@link TemplateKey}. It leaves every distance as it is, so that rotated embeddings are compared with each other as they were; with those
 * of another key, or with a face embedded outside, they compare like strangers.
 *
 * It protects what leaks without its key. Whoever has as many embeddings both rotated and plain as they have numbers can
 * solve for the matrix: it is no encryption.
 *
 * The matrix is a product of Householder reflections of normally distributed vectors (Stewart, "The Efficient Generation of
 * Random Orthogonal Matrices", SIAM J. Numer. Anal. 17(3), 1980), whose numbers are AES-256-CTR's key stream.
 */
export class Rotation {
  readonly #reflections: Float64Array[] = [];
  readonly #signs: Float64Array;

  private constructor(dimension: number) {
    this.#signs = new Float64Array(dimension);
  }

  /**
   * @param dimension how many numbers an embedding has.
   * @param normal normally distributed numbers, at least n(n + 1)/2 of them.
   */
  static drawn(dimension: number, normal: Iterator<number>): Rotation {
    const rotation = new Rotation(dimension);
    for (let length = dimension; length >= 1; length--) {
      const vector = Float64Array.from({ length }, () => normal.next().value as number);
      // Q of a QR decomposition is drawn evenly only where R's diagonal is made positive, which these signs do.
      rotation.#signs[dimension - length] = (vector[0] as number) < 0 ? 1 : -1;
      if (length > 1) rotation.#reflections.push(householder(vector));
    }
    return rotation;
  }

  /** The embedding, rotated. Only rounding to float32 moves distances: by less than one part in a million. */
  apply(embedding: Float32Array): Float32Array {
    const vector = Float64Array.from(embedding, (value, i) => value * (this.#signs[i] as number));
    for (const reflection of this.#reflections.toReversed()) reflect(vector, reflection);
    return Float32Array.from(vector);
  }

  /** What {@link apply} was given. */
  undo(rotated: Float32Array): Float32Array {
    const vector = Float64Array.from(rotated);
    for (const reflection of this.#reflections) reflect(vector, reflection);
    return Float32Array.from(vector, (value, i) => value * (this.#signs[i] as number));
  }
}

/** The unit vector whose reflection lays a vector onto the first axis. */
function householder(vector: Float64Array): Float64Array {
  const first = vector[0] as number;
  // Away from the axis, so that nothing cancels.
  vector[0] = first + (first < 0 ? -1 : 1) * Math.hypot(...vector);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Reflects the last numbers of a vector, as many as the reflection has. */
function reflect(vector: Float64Array, reflection: Float64Array): void {
  const offset = vector.length - reflection.length;
  let dot = 0;
  for (let i = 0; i < reflection.length; i++) dot += (reflection[i] as number) * (vector[offset + i] as number);
  for (let i = 0; i < reflection.length; i++) {
    vector[offset + i] = (vector[offset + i] as number) - 2 * dot * (reflection[i] as number);
  }
}

function purpose(name: string): HkdfParams {
  const info = utf8(`facenet-web rotation ${name}`);
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
}

async function keyStream(key: CryptoKey, words: number): Promise<Uint32Array> {
  const aes = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
  return new Uint32Array(await crypto.subtle.encrypt(aes, key, new Uint8Array(words * 4)));
}

/** Normally distributed numbers from uniform ones. (Box and Muller, 1958) */
function* normals(words: Uint32Array): Generator<number> {
  for (let i = 0; i + 1 < words.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[i] as number) + 1) / 2 ** 32));
    const angle = (2 * Math.PI * (words[i + 1] as number)) / 2 ** 32;
    yield radius * Math.cos(angle);
    yield radius * Math.sin(angle);
  }
}
