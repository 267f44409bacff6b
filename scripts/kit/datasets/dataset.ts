import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** A pair of images of the same person or of different people. */
export interface ImagePair {
  /** The fold, from 1. */
  fold: number;
  same: boolean;
  /** Keys of {@link Dataset.images}. */
  a: string;
  b: string;
}

/** A data set for verification: pairs of images, in folds. */
export interface Dataset {
  name: string;
  pairs: ImagePair[];
  /** A function for each image that reads its encoded bytes, usually a JPEG. */
  images: ReadonlyMap<string, () => Uint8Array>;
  /** Whether the people are known. If so, a key starts with the person's name and a slash. */
  hasPeople: boolean;
  /** Where the face of an image is if none is detected: as in LFW's images, or the face fills the image. */
  frame: 'lfw' | 'image';
  /** Whether the images are crops that are aligned to the ArcFace template. */
  aligned: boolean;
  /** @throws {Error} if an image with one of these keys is missing. */
  requireImages: (keys: readonly string[]) => void;
}

/** A pair as a pairs file lists it, with the paths of the images relative to the image folder. */
export interface ListedPair {
  same: boolean;
  a: string;
  b: string;
  /** Undefined if the file does not tell. */
  fold?: number;
}

const foldCount = 10;

/**
 * Puts pairs without a fold into ten folds of equal size, in order. Genuine and impostor pairs are divided separately, so
 * that each fold has both kinds.
 */
export function assignFolds<Pair extends { same: boolean; fold?: number }>(
  pairs: readonly Pair[],
): (Pair & { fold: number })[] {
  const totals = { same: 0, different: 0 };
  const kindOf = ({ same }: Pair) => (same ? 'same' : 'different');
  for (const pair of pairs) if (pair.fold === undefined) totals[kindOf(pair)]++;
  const counts = { same: 0, different: 0 };
  return pairs.map((pair) => {
    if (pair.fold !== undefined) return { ...pair, fold: pair.fold };
    const kind = kindOf(pair);
    return { ...pair, fold: Math.floor((counts[kind]++ * foldCount) / totals[kind]) + 1 };
  });
}

/** The part of a data set that its layout determines. */
export interface FolderLayout {
  name: string;
  pairs: readonly ListedPair[];
  /** The person in the image at a path; undefined if the path does not tell. */
  personOf: (path: string) => string | undefined;
  frame: Dataset['frame'];
}

/**
 * A data set whose images are files below a folder.
 *
 * @param folder the folder that the paths of the pairs are relative to; no path leads out of it.
 * @throws {Error} if there is no pair.
 */
export function folderDataset(folder: string, { name, pairs, personOf, frame }: FolderLayout): Dataset {
  if (pairs.length === 0) throw new Error(`${name}: the pairs file in ${folder} has no pairs. Download it again.`);
  const paths = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  for (const path of paths) requireInside(folder, path);
  const hasPeople = paths.every((path) => personOf(path) !== undefined);
  const keyOf = (path: string) => (hasPeople ? `${personOf(path)}/${path}` : path);
  const fileOf = new Map(paths.map((path) => [keyOf(path), join(folder, path)]));
  return {
    name,
    pairs: assignFolds(pairs).map(({ fold, same, a, b }) => ({ fold, same, a: keyOf(a), b: keyOf(b) })),
    images: new Map([...fileOf].map(([key, file]) => [key, () => readFileSync(file)])),
    hasPeople,
    frame,
    aligned: false,
    requireImages: (keys) => requireFiles(keys.map((key) => fileOf.get(key) as string)),
  };
}

function requireFiles(files: readonly string[]): void {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) return;
  throw new Error(
    `${missing.length} images are missing, for example ${missing[0]}. Unpack all images of the data set.`,
  );
}

function requireInside(folder: string, path: string): void {
  const inside = relative(folder, resolve(folder, path));
  if (inside === '..' || inside.startsWith(`..${sep}`)) {
    throw new Error(`A pairs file refers to "${path}", which is outside ${folder}. Correct the file.`);
  }
}

/**
 * Finds the folder of the images: the data set's folder, or one below it, up to three levels deep.
 *
 * @param path the path of any image.
 * @throws {Error} if no folder has the image.
 */
export function findImageFolder(data: string, path: string): string {
  let level = [data];
  for (let depth = 0; depth <= 3; depth++) {
    const found = level.find((folder) => existsSync(join(folder, path)));
    if (found) return found;
    // Folders of one person each are not searched: there are thousands.
    level = level.flatMap((folder) => subfolders(folder).slice(0, 20));
  }
  throw new Error(`No folder in ${data} has the image ${path}. Unpack the images next to the pairs file.`);
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

/** The lines of a text file that are not blank, with their numbers from 1. */
export function readLines(file: string): { line: string; where: string }[] {
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line, i) => ({ line: line.trim(), where: `Line ${i + 1} of ${file}` }))
    .filter(({ line }) => line);
}
