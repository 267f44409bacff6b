import { FaceNetError } from '../core/errors.ts';
import { maxMetadataLength, maxNameLength, requireAtMost } from './limits.ts';
import type { Enrollee, GalleryFace, Metadata } from './types.ts';

/** A person to enrol: a known one by id, or a new one. */
export type CheckedEnrollee = { id: string } | { name: string; metadata: Metadata };

/**
 * Checks the name of a gallery or person.
 *
 * @throws {FaceNetError} `option-invalid` if it is not a string, is blank, or has more than 1000 characters.
 */
export function checkedName(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new FaceNetError('option-invalid', `The name is ${JSON.stringify(name)}: use a non-empty string.`);
  }
  requireAtMost(maxNameLength, name.length, 'The name', 'characters');
  return name;
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

/**
 * A copy of the metadata as JSON stores it.
 *
 * @throws {FaceNetError} `option-invalid` if JSON cannot represent it, or has more than 2^20 characters.
 */
export function checkedMetadata(metadata: unknown): Metadata {
  const json = jsonOf(metadata);
  requireAtMost(maxMetadataLength, json.length, 'The metadata', 'characters as JSON');
  const copy: unknown = JSON.parse(json);
  if (typeof copy === 'object' && copy !== null && !Array.isArray(copy)) return copy as Metadata;
  throw new FaceNetError(
    'option-invalid',
    'metadata is not an object: pass an object of plain values, or leave it out.',
  );
}

function jsonOf(metadata: unknown): string {
  try {
    // A function and undefined have no JSON.
    return JSON.stringify(metadata) ?? 'null';
  } catch (cause) {
    throw new FaceNetError('option-invalid', 'metadata cannot be written as JSON: use plain values.', { cause });
  }
}
/**
 * The quality of a face to enrol, as records hold it.
 *
 * @throws {FaceNetError} `option-invalid` if it is neither undefined nor a number from 0 to 1.
 */
export function checkedQuality(quality: unknown): number | undefined {
  if (quality === undefined || (typeof quality === 'number' && quality >= 0 && quality <= 1)) return quality;
  throw new FaceNetError(
    'option-invalid',
    `quality.overall is ${JSON.stringify(quality)}: pass the quality of embed() unchanged.`,
  );
}

/** Whether an embedding has the length 1, to 10⁻³, as every embedder of the library makes them. */
export function hasUnitLength(embedding: Float32Array): boolean {
  // Not Math.hypot(...embedding): an import may hold more numbers than a call takes arguments.
  return Math.abs(Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0)) - 1) <= 1e-3;
}
