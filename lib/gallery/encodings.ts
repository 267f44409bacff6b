import { FaceNetError } from '../core/errors.ts';
import type { EmbeddedFace } from '../core/types.ts';
import { invalidEncodings as invalid } from './encodings-error.ts';
import { readNumpy } from './numpy.ts';

/** A face that another program has embedded with a network that facenet-web runs too. */
export interface ImportedEncoding {
  /** The embedding, scaled to length 1. */
  embedding: Float32Array;
  /** The name of the embedder that it is compared with. */
  model: string;
  /** The length before it was scaled. */
  magnitude: number;
}

/** More encodings than this are refused: their memory would be more than a page has. */
const maxEncodings = 1_000_000;

/**
 * Reads encodings of face_recognition or dlib from a file: a JSON list of lists of numbers, a NumPy array (`.npy`) with a row for each face,
 * or the arrays of a NumPy archive (`.npz`), in their order.
 *
 * @param file the contents; JSON also as text.
 * @param model the name of the embedder with the same weights: `dlib-resnet` for face_recognition.
 * @throws {FaceNetError} `option-invalid` for other contents, and for rows of different lengths.
 *
 * @example
 * const encodings = await readEncodings(new Uint8Array(await file.arrayBuffer()), 'dlib-resnet');
 * for (const encoding of encodings) await gallery.enrol({ name: 'Ada' }, encoding);
 */
export async function readEncodings(file: Uint8Array | string, model: string): Promise<ImportedEncoding[]> {
  const rows = isNumpy(file) ? await readNumpy(file) : rowsOfJson(file);
  const length = rows[0]?.length ?? 0;
  if (rows.length > maxEncodings || rows.some((row) => row.length !== length || !row.every(Number.isFinite))) {
    throw invalid('its rows are not lists of finite numbers of one length');
  }
  return rows.map((row) => encodingOf(row, model));
}

/**
 * The vector that the network computed of a face, before it was scaled to length 1: with one crop per face, as the embedder
 * `dlib-resnet` has, the descriptor of dlib and the encoding of face_recognition.
 *
 * @param face a face of `embed()`, or its `embedding` and `quality`.
 * @returns as many numbers as the embedding has; for `dlib-resnet` 128, of a length of about 1.4.
 * @throws {FaceNetError} `option-invalid` if the face has no `quality.magnitude`.
 *
 * @example
 * const stored = storedFloat32Array; // an encoding of face_recognition
 * const encoding = encodingOfFace(face);
 * const distance = Math.hypot(...encoding.map((value, i) => value - stored[i]));
 * show(distance <= 0.6);
 */
export function encodingOfFace({ embedding, quality }: Pick<EmbeddedFace, 'embedding' | 'quality'>): Float32Array {
  const { magnitude } = quality;
  if (magnitude === undefined) {
    throw new FaceNetError(
      'option-invalid',
      'The face has no quality.magnitude: pass what embed() returned, unchanged.',
    );
  }
  return embedding.map((value) => value * magnitude);
}

function encodingOf(row: readonly number[], model: string): ImportedEncoding {
  const magnitude = Math.hypot(...row);
  if (magnitude === 0) throw invalid('a row has only zeros');
  return { embedding: Float32Array.from(row, (value) => value / magnitude), model, magnitude };
}

function isNumpy(file: Uint8Array | string): file is Uint8Array {
  if (typeof file === 'string') return false;
  return file[0] === 0x93 || (file[0] === 0x50 && file[1] === 0x4b);
}

function rowsOfJson(file: Uint8Array | string): number[][] {
  let value: unknown;
  try {
    value = JSON.parse(typeof file === 'string' ? file : new TextDecoder().decode(file));
  } catch (cause) {
    throw invalid('it is neither JSON nor a NumPy file', cause);
  }
  const isRow = (row: unknown) => Array.isArray(row) && row.every((item) => typeof item === 'number');
  if (!Array.isArray(value) || !value.every(isRow)) throw invalid('it is not a list of lists of numbers');
  return value;
}
