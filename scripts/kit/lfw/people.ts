import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { photoPath } from '../../../lib/evaluation/index.ts';
import { withBrowser } from '../browser.ts';
import { buildLibrary } from '../build-library.ts';
import { folderImages, imageUrl, serveImages } from '../datasets/serve.ts';
import { userPath } from '../paths.ts';
import { embedImages } from './embed-images.ts';
import { faceNet } from './facenet.ts';
import { readPairs } from './pairs.ts';
import type { Recipe } from './recipe.ts';

/** A photo of a labelled data set with its embedding. */
export interface PersonPhoto {
  /** NAME/NAME_0001.jpg */
  path: string;
  person: string;
  /** The person's fold in pairs.txt. A person is in one fold only. */
  fold: number;
  embedding: Float32Array;
}

/**
 * Embeds every photo of the people in pairs.txt with the built library. Results are cached.
 *
 * @param folder in LFW's layout, relative to the user's folder.
 */
export function embedPeople(folder: string, recipe: Recipe): Promise<PersonPhoto[]> {
  const data = userPath(folder);
  const photos = listPhotos(data);
  buildLibrary();
  const paths = photos.map(({ path }) => path);
  const images = serveImages(folderImages(join(data, 'images'), paths));
  return withBrowser({ handlers: { '/photos': images } }, async (session) => {
    const addresses = new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`]));
    const results = await embedImages(session, faceNet(session.server.url, recipe, 'detector'), addresses);
    return photos.map((photo) => ({
      ...photo,
      embedding: Float32Array.from(results.get(photo.path)?.embedding as number[]),
    }));
  });
}

function listPhotos(data: string): Omit<PersonPhoto, 'embedding'>[] {
  const foldOf = new Map(
    readPairs(data).flatMap(({ fold, a, b }) => [a, b].map((photo) => [photoPath(photo).split('/')[0], fold] as const)),
  );
  const images = join(data, 'images');
  if (!existsSync(images)) throw new Error(`${data} has no folder images/.`);
  return readdirSync(images)
    .sort()
    .filter((person) => foldOf.has(person))
    .flatMap((person) =>
      readdirSync(join(images, person))
        .sort()
        .map((file) => ({ path: `${person}/${file}`, person, fold: foldOf.get(person) as number })),
    );
}

/**
 * Splits photos into those of the first half of the folds and those of the second, which have no person in common.
 *
 * @throws {Error} if there is one fold only.
 */
export function splitFolds(photos: readonly PersonPhoto[]): [PersonPhoto[], PersonPhoto[]] {
  const folds = [...new Set(photos.map(({ fold }) => fold))].sort((a, b) => a - b);
  if (folds.length < 2) throw new Error('pairs.txt has one fold only: two are needed, to fit and to measure.');
  const first = new Set(folds.slice(0, Math.floor(folds.length / 2)));
  return [photos.filter(({ fold }) => first.has(fold)), photos.filter(({ fold }) => !first.has(fold))];
}

/** The photos of each person. */
export function groupByPerson(photos: readonly PersonPhoto[]): PersonPhoto[][] {
  const people = new Map<string, PersonPhoto[]>();
  for (const photo of photos) people.set(photo.person, [...(people.get(photo.person) ?? []), photo]);
  return [...people.values()];
}
