import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { assignFolds, type Dataset } from './dataset.ts';
import { type PickleValue, readPickle } from './pickle.ts';

/** A verification file of InsightFace: encoded images, and whether each two in a row show the same person. */
export interface VerificationBin {
  images: Uint8Array[];
  same: boolean[];
}

/**
 * Reads a verification file of InsightFace (`lfw.bin`, `agedb_30.bin`, `cfp_fp.bin`): a pickle of a tuple of the images,
 * two for each pair, and the labels. (deepinsight/insightface, src/data/lfw2pack.py)
 *
 * @throws {SyntaxError} for other contents.
 */
export function parseVerificationBin(bytes: Uint8Array): VerificationBin {
  const value = readPickle(bytes);
  const [images, labels] = Array.isArray(value) && value.length === 2 ? value : [];
  if (!Array.isArray(images) || !Array.isArray(labels)) {
    throw new SyntaxError(
      'The pickle is not a tuple of a list of images and a list of labels. Use a verification file.',
    );
  }
  if (labels.length === 0 || images.length !== 2 * labels.length) {
    throw new SyntaxError(
      `The file has ${images.length} images and ${labels.length} labels: each label needs two images. Download it again.`,
    );
  }
  return { images: images.map(requireImage), same: labels.map(requireLabel) };
}

function requireImage(value: PickleValue, index: number): Uint8Array {
  if (value instanceof Uint8Array && (startsWith(value, [0xff, 0xd8]) || startsWith(value, [0x89, 0x50]))) return value;
  throw new SyntaxError(`Image ${index} is neither JPEG nor PNG. The file must hold encoded images, not pixels.`);
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function requireLabel(value: PickleValue, index: number): boolean {
  if (value === true || value === false) return value;
  if (value === 1 || value === 0) return value === 1;
  throw new SyntaxError(`Label ${index} is not a boolean. The file must hold Python booleans or 0 and 1.`);
}

/**
 * Opens a verification file of InsightFace. Its images are crops of 112 × 112 pixels, aligned to the ArcFace template. It
 * does not say who the people are.
 */
export function openVerificationBin(file: string): Dataset {
  const bytes = readFileSync(file);
  const { images, same } = readNamed(file, bytes);
  const keyOf = (index: number) => `${String(index).padStart(6, '0')}.jpg`;
  const pairs = same.map((value, i) => ({ same: value, a: keyOf(2 * i), b: keyOf(2 * i + 1) }));
  return {
    name: basename(file),
    pairs: assignFolds(pairs),
    images: new Map(images.map((image, i) => [keyOf(i), () => image])),
    hasPeople: false,
    frame: 'image',
    aligned: true,
    requireImages: () => {},
  };
}

function readNamed(file: string, bytes: Uint8Array): VerificationBin {
  try {
    return parseVerificationBin(bytes);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}
