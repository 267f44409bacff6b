import { FaceNetError } from '../core/errors.ts';

/** The maximum length of the name of a person or gallery, in UTF-16 code units. */
export const maxNameLength = 1000;
/** The maximum length of a person's metadata as JSON, in UTF-16 code units. */
export const maxMetadataLength = 1 << 20;
/** The maximum size of a crop's file, in bytes. */
export const maxCropSize = 16 << 20;
/** The maximum number of elements of an embedding, of any model. */
export const maxDimension = 1 << 16;
/** The maximum number of people, and of templates, in an export. */
export const maxRecords = 1_000_000;
/**
 * The maximum size of an export, in bytes: the size of the largest tested file. An import holds all records in memory, and in a
 * private window Chromium cannot read a file of 500 MB that the page made.
 */
export const maxExportSize = 480_000_000;
/** The maximum size of an export of release 0.1.0, which is one JSON value, in bytes: V8's longest string. */
export const maxWholeExportSize = 2 ** 29 - 24;

/**
 * Checks a size or number against its maximum. Larger ones are refused where they enter a gallery; records that are
 * already stored stay readable.
 *
 * @param subject what is measured, as the subject of the error message.
 * @param unit the unit of the measure, in the plural.
 * @throws {FaceNetError} `option-invalid`
 */
export function requireAtMost(maximum: number, actual: number, subject: string, unit: string): void {
  if (actual <= maximum) return;
  throw new FaceNetError(
    'option-invalid',
    `${subject} has ${actual.toLocaleString('en')} ${unit}: use at most ${maximum.toLocaleString('en')}.`,
  );
}
