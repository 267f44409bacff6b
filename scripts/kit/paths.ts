import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The absolute path of a file or folder of the repository. */
export function repositoryPath(relative = ''): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}

/**
 * Resolves a path from the command line. npm runs scripts in the repository's root and passes the user's folder in
 * `INIT_CWD`.
 */
export function userPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

/** The folder of the sample photos, sample1.jpg to sample6.jpg, which @vladmandic/face-api ships. */
export const samplePhotos = repositoryPath('node_modules/@vladmandic/face-api/demo');

/** The file names in {@link samplePhotos}. */
export const samplePhotoNames: readonly string[] = [1, 2, 3, 4, 5, 6].map((number) => `sample${number}.jpg`);
