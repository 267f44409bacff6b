import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluatedFace } from '../../lib/evaluation/index.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { folderImages, imageUrl, serveImages } from '../kit/datasets/serve.ts';
import { embedUncached } from '../kit/lfw/embed-images.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import { userPath } from '../kit/paths.ts';
import type { CohortRule } from './cohorts.ts';
import { type CentralFace, type PhotoResult, reportSystem } from './page.ts';

/** Formats that Chromium decodes. */
const image = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;

/** A photo by its path, which is FOLDER/FILE. */
export interface PersonPhoto {
  path: string;
  person: string;
  file: string;
}

/** Photos in one folder per person. */
export interface PhotoFolder {
  /** The folder of the people's folders. */
  images: string;
  photos: PersonPhoto[];
}

/** The faces of labelled photos. */
export interface LabelledPhotos {
  faces: EvaluatedFace[];
  /** The number of photos in which no face was found. */
  notFound: number;
  /** The paths of the photos that could not be read. */
  unreadable: string[];
}

/**
 * Finds the photos of people.
 *
 * @param folder has the folders of the people, or a folder `images` with them.
 * @throws {Error} if there is none.
 */
export function openPhotos(folder: string): PhotoFolder {
  const root = userPath(folder);
  const images = existsSync(join(root, 'images')) ? join(root, 'images') : root;
  const photos = listPhotos(images);
  if (photos.length === 0) throw new Error(`${root} has no photos: make one folder per person, with photos in it.`);
  return { images, photos };
}

/** Embeds the face nearest to the centre of each photo. Stores nothing: embeddings of people are biometric data. */
export function embedPhotos(
  { images, photos }: PhotoFolder,
  recipe: Recipe,
  cohort: CohortRule,
): Promise<LabelledPhotos> {
  const paths = photos.map(({ path }) => path);
  buildLibrary();
  return withBrowser({ handlers: { '/photos': serveImages(folderImages(images, paths)) } }, async (session) => {
    const addresses = new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`]));
    const results = await embedUncached(session, reportSystem(session.server.url, recipe), addresses);
    return labelledPhotos(photos, results, cohort);
  });
}

/** Divides the results of photos into faces, photos without a face and unreadable photos. @param results by path. */
export function labelledPhotos(
  photos: readonly PersonPhoto[],
  results: ReadonlyMap<string, PhotoResult>,
  cohort: CohortRule,
): LabelledPhotos {
  const labelled: LabelledPhotos = { faces: [], notFound: 0, unreadable: [] };
  for (const photo of photos) {
    const result = results.get(photo.path) ?? 'unreadable';
    if (result === 'unreadable') labelled.unreadable.push(photo.path);
    else if (result === 'no-face') labelled.notFound++;
    else labelled.faces.push(evaluatedFace(photo, result, cohort));
  }
  return labelled;
}

/** The face of a photo, with its quality, so that its pairs are judged as the library does. */
function evaluatedFace(
  { path, person, file }: PersonPhoto,
  { embedding, quality }: CentralFace,
  cohort: CohortRule,
): EvaluatedFace {
  return {
    ...{ person, photo: path, embedding: Float32Array.from(embedding), quality },
    cohort: cohort(person, file, quality),
  };
}

function listPhotos(images: string): PersonPhoto[] {
  const folders = readdirSync(images, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => name)
    .sort()
    .flatMap((person) =>
      readdirSync(join(images, person))
        .filter((file) => image.test(file))
        .sort()
        .map((file) => ({ path: `${person}/${file}`, person, file })),
    );
}
