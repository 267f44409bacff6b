import { FaceNetError } from '../../core/errors.ts';
import { isTypedArray } from '../../core/typed-arrays.ts';
import { type Bytes, equalBytes, utf8 } from './bytes.ts';

/**
 * The secret key that a gallery's embeddings are rotated by. It determines one {@link Rotation} for each embedding dimension. It is
 * named after biometric template protection (ISO/IEC 24745), which it is for: rotated embeddings can be revoked and reissued.
 *
 * A gallery applies it alone: pass its bytes as the option `templateKey`. Use this class for embeddings in other indexes.
 *
 * @example
 * const secret = crypto.getRandomValues(new Uint8Array(32)); // store it apart from the embeddings
 * const key = await TemplateKey.from(secret);
 * const rotation = await key.rotation(face.embedding.length);
 * show(rotation.apply(face.embedding));
 */
export class TemplateKey {
  readonly #source: CryptoKey;
  readonly #rotations = new Map<number, Promise<Rotation>>();
  /** A 16-byte check value. It identifies the key without revealing it. */
  readonly check: Bytes;

  private constructor(source: CryptoKey, check: Bytes) {
    this.#source = source;
    this.check = check;
  }

  /**
   * Imports a key.
   *
   * @param key 32 secret random bytes, from `crypto.getRandomValues(new Uint8Array(32))`. Store them apart from the
   *   gallery.
   * @throws {FaceNetError} `option-invalid` if the key is not 32 bytes.
   */
  static async from(key: Uint8Array): Promise<TemplateKey> {
    if (!isTypedArray(key, 'Uint8Array') || key.length !== 32) {
      throw new FaceNetError('option-invalid', 'The template key is invalid: use a Uint8Array of 32 random bytes.');
    }
    const source = await crypto.subtle.importKey('raw', new Uint8Array(key), 'HKDF', false, [
      'deriveBits',
      'deriveKey',
    ]);
    return new TemplateKey(source, new Uint8Array(await crypto.subtle.deriveBits(hkdfParams('check'), source, 128)));
  }

  /**
   * The rotation of embeddings of a dimension. The same key always yields the same rotation.
   *
   * @param dimension the length of the embeddings, as `facenet.rule.dimension`.
   */
  rotation(dimension: number): Promise<Rotation> {
    const known = this.#rotations.get(dimension);
    if (known) return known;
    const rotation = this.#derive(dimension);
    this.#rotations.set(dimension, rotation);
    return rotation;
  }

  /**
   * Whether a check value is that of this key.
   *
   * @param check the 16 bytes of {@link check} that were stored.
   */
  matches(check: Uint8Array): boolean {
    return equalBytes(check, this.check);
  }

  /** Drops the rotations that were derived: {@link rotation} derives them again. The key itself stays in memory. */
  dropRotations(): void {
    this.#rotations.clear();
  }

  async #derive(dimension: number): Promise<Rotation> {
    const aes = { name: 'AES-CTR', length: 256 };
    const stream = await crypto.subtle.deriveKey(hkdfParams('stream'), this.#source, aes, false, ['encrypt']);
    // Reflections of length n, n − 1, … 1 need n(n + 1)/2 numbers; the generator makes them in pairs.
    return Rotation.drawn(dimension, normals(await keyStream(stream, (dimension * (dimension + 1)) / 2 + 2)));
  }
}

/**
 * A secret rotation of embeddings, for revocable templates: a uniformly distributed random orthogonal matrix, derived
 * from a {@link TemplateKey}. Distances between embeddings of the same key are preserved. Embeddings of another key, or
 * without one, are as far apart as those of different people.
 *
 * The rotation protects embeddings that leak without the key. It is not encryption: n pairs of rotated and plain
 * embeddings of dimension n determine the matrix.
 *
 * The matrix is a product of Householder reflections of normally distributed vectors (Stewart, "The Efficient
 * Generation of Random Orthogonal Matrices", SIAM J. Numer. Anal. 17(3), 1980). The random numbers are the key stream
 * of AES-256-CTR.
 *
 * @example
 * const key = await TemplateKey.from(crypto.getRandomValues(new Uint8Array(32)));
 * const rotation = await key.rotation(facenet.rule.dimension);
 * const index = new ExactIndex(facenet.rule.dimension, facenet.rule.metric);
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: rotation.apply(face.embedding) }]);
 * const { match } = await identifyIn(index, rotation.apply(probe.embedding), facenet.rule);
 */
export class Rotation {
  readonly #reflections: Float64Array[] = [];
  readonly #signs: Float64Array;

  private constructor(dimension: number) {
    this.#signs = new Float64Array(dimension);
  }

  /**
   * Constructs a rotation from random numbers.
   *
   * @param dimension the dimension n of the embeddings.
   * @param normal at least n(n + 1)/2 normally distributed numbers.
   */
  static drawn(dimension: number, normal: Iterator<number>): Rotation {
    const rotation = new Rotation(dimension);
    for (let length = dimension; length >= 1; length--) {
      const vector = Float64Array.from({ length }, () => normal.next().value as number);
      // Q of a QR decomposition is uniformly distributed only if the diagonal of R is positive, hence the signs.
      rotation.#signs[dimension - length] = (vector[0] as number) < 0 ? 1 : -1;
      if (length > 1) rotation.#reflections.push(householder(vector));
    }
    return rotation;
  }

  /**
   * Rotates an embedding. Rounding to float32 changes distances by less than one part in a million.
   *
   * @param embedding an embedding of the rotation's dimension. It is not changed.
   * @returns the rotated copy.
   */
  apply(embedding: Float32Array): Float32Array {
    const vector = Float64Array.from(embedding, (value, i) => value * (this.#signs[i] as number));
    for (const reflection of this.#reflections.toReversed()) reflect(vector, reflection);
    return Float32Array.from(vector);
  }

  /**
   * Reverses {@link apply}, up to rounding.
   *
   * @param rotated what {@link apply} returned. It is not changed.
   * @returns the embedding.
   */
  undo(rotated: Float32Array): Float32Array {
    const vector = Float64Array.from(rotated);
    for (const reflection of this.#reflections) reflect(vector, reflection);
    return Float32Array.from(vector, (value, i) => value * (this.#signs[i] as number));
  }
}

/** Rotates an embedding by the key's rotation; without a key it is copied. */
export async function rotateEmbedding(embedding: Float32Array, key: TemplateKey | undefined): Promise<Float32Array> {
  return key ? (await key.rotation(embedding.length)).apply(embedding) : new Float32Array(embedding);
}

/** Reverses {@link rotateEmbedding}. */
export async function unrotateEmbedding(embedding: Float32Array, key: TemplateKey | undefined): Promise<Float32Array> {
  return key ? (await key.rotation(embedding.length)).undo(embedding) : new Float32Array(embedding);
}

/** The unit vector of the Householder reflection that maps a vector onto the first axis. It overwrites `vector`. */
function householder(vector: Float64Array): Float64Array {
  const first = vector[0] as number;
  // The sign that avoids cancellation.
  vector[0] = first + (first < 0 ? -1 : 1) * Math.hypot(...vector);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Reflects the last elements of a vector in place. Their number is the dimension of the reflection. */
function reflect(vector: Float64Array, reflection: Float64Array): void {
  const offset = vector.length - reflection.length;
  let dot = 0;
  for (let i = 0; i < reflection.length; i++) dot += (reflection[i] as number) * (vector[offset + i] as number);
  for (let i = 0; i < reflection.length; i++) {
    vector[offset + i] = (vector[offset + i] as number) - 2 * dot * (reflection[i] as number);
  }
}

function hkdfParams(name: string): HkdfParams {
  const info = utf8(`facenet-web rotation ${name}`);
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
}

async function keyStream(key: CryptoKey, words: number): Promise<Uint32Array> {
  const aes = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
  return new Uint32Array(await crypto.subtle.encrypt(aes, key, new Uint8Array(words * 4)));
}

/** Normally distributed numbers from uniformly distributed 32-bit words. (Box and Muller, 1958) */
function* normals(words: Uint32Array): Generator<number> {
  for (let i = 0; i + 1 < words.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[i] as number) + 1) / 2 ** 32));
    const angle = (2 * Math.PI * (words[i + 1] as number)) / 2 ** 32;
    yield radius * Math.cos(angle);
    yield radius * Math.sin(angle);
  }
}
