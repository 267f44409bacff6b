import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { photoPath } from '../../../lib/evaluation/index.ts';
import { launchChromium, serveLibrary } from '../browser.ts';
import { buildLibrary } from '../build.ts';
import { embedImages } from './embeddings.ts';
import { readPairs } from './pairs.ts';
import { faceNet, type Recipe } from './systems.ts';

/** A photo of a labelled set, embedded. */
export interface PersonPhoto {
  /** NAME/NAME_0001.jpg */
  path: string;
  person: string;
  /** The fold of pairs.txt that the person is in: nobody is in two. */
  fold: number;
  embedding: Float32Array;
}

/**
 * All photos of the people of pairs.txt, embedded by the library as it is built now, or out of the cache.
 *
 * @param folder in LFW's layout, relative to where the command was given.
 */
export async function photographedPeople(folder: string, recipe: Recipe): Promise<PersonPhoto[]> {
  const data = resolve(process.env.INIT_CWD ?? '.', folder);
  const foldOf = new Map(
    readPairs(data).flatMap(({ fold, a, b }) => [a, b].map((photo) => [photoPath(photo).split('/')[0], fold] as const)),
  );
  if (!existsSync(join(data, 'images'))) throw new Error(`${data} has no images/.`);
  const photos = readdirSync(join(data, 'images'))
    .sort()
    .filter((person) => foldOf.has(person))
    .flatMap((person) =>
      readdirSync(join(data, 'images', person))
        .sort()
        .map((file) => ({ path: `${person}/${file}`, person, fold: foldOf.get(person) as number })),
    );
  buildLibrary();
  const server = await serveLibrary({ '/photos': join(data, 'images') });
  const browser = await launchChromium();
  try {
    const addresses = new Map(photos.map(({ path }) => [path, `/photos/${path}`]));
    const results = await embedImages(browser, server, faceNet(server.url, recipe, 'detector', undefined), addresses);
    return photos.map((photo) => ({
      ...photo,
      embedding: Float32Array.from(results.get(photo.path)?.embedding as number[]),
    }));
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The photos of the first half of the folds, and of the second: nobody is in both. @throws where there is but one fold. */
export function halvesOf(photos: readonly PersonPhoto[]): [PersonPhoto[], PersonPhoto[]] {
  const folds = [...new Set(photos.map(({ fold }) => fold))].sort((a, b) => a - b);
  if (folds.length < 2)
    throw new Error('pairs.txt has but one fold: one half is measured by what the other one taught.');
  const first = new Set(folds.slice(0, Math.floor(folds.length / 2)));
  return [photos.filter(({ fold }) => first.has(fold)), photos.filter(({ fold }) => !first.has(fold))];
}

/** The photos of each person. */
export function byPerson(photos: readonly PersonPhoto[]): PersonPhoto[][] {
  const people = new Map<string, PersonPhoto[]>();
  for (const photo of photos) people.set(photo.person, [...(people.get(photo.person) ?? []), photo]);
  return [...people.values()];
}
