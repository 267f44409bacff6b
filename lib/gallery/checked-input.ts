import { FaceNetError } from '../core/errors.ts';
import type { Metric } from '../core/types.ts';
import type { Enrollee, GalleryFace, Metadata } from './types.ts';

/** A person to enrol: a known one by id, or a new one. */
export type CheckedEnrollee = { id: string } | { name: string; metadata: Metadata };

/** Checks the name of a gallery or person. @throws {FaceNetError} `option-invalid` if it is not a string, or blank. */
export function checkedName(name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw new FaceNetError('option-invalid', `The name is ${JSON.stringify(name)}: use a non-empty string.`);
}

/** Checks an enrollee and copies the metadata. @throws {FaceNetError} `option-invalid` */
export function checkedEnrollee(enrollee: Enrollee): CheckedEnrollee {
  if (typeof enrollee !== 'object' || enrollee === null) {
    throw new FaceNetError('option-invalid', 'The enrollee is missing: pass { name } for a new person, or { id }.');
  }
  if ('id' in enrollee) return { id: String(enrollee.id) };
  return { name: checkedName(enrollee.name), metadata: checkedMetadata(enrollee.metadata ?? {}) };
}

/**
 * The faces of a picture as a list.
 *
 * @throws {FaceNetError} `option-invalid` if the value is neither a face nor a list.
 */
export function checkedFaces(faces: GalleryFace | readonly GalleryFace[]): readonly GalleryFace[] {
  if (Array.isArray(faces)) return faces as readonly GalleryFace[];
  if (typeof faces === 'object' && faces !== null) return [faces as GalleryFace];
  throw new FaceNetError('option-invalid', 'The faces are missing: pass the result of embed(), or one face of it.');
}

/** A copy of the metadata as JSON stores it. @throws {FaceNetError} `option-invalid` if JSON cannot represent it. */
function checkedMetadata(metadata: unknown): Metadata {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(metadata));
    if (typeof copy === 'object' && copy !== null && !Array.isArray(copy)) return copy as Metadata;
  } catch (cause) {
    throw new FaceNetError('option-invalid', 'metadata cannot be written as JSON: use plain values.', { cause });
  }
  throw new FaceNetError('option-invalid', 'metadata must be an object.');
}

/**
 * Whether an embedding has the length that its metric assumes: 1, to 10⁻³, for Euclidean distances, whose calibration
 * holds only there. Cosine distances do not depend on the length.
 */
export function hasValidLength(embedding: Float32Array, metric: Metric): boolean {
  return metric === 'cosine' || Math.abs(Math.hypot(...embedding) - 1) <= 1e-3;
}
