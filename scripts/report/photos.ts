import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cohorts, cohortOf, type EvaluatedFace, parseCohorts } from '../../lib/evaluation/index.ts';
import type { Quality } from '../../lib/index.ts';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { embedImages, type ImageResult } from '../kit/lfw/embed-images.ts';
import { faceNet } from '../kit/lfw/facenet.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import { userPath } from '../kit/paths.ts';

/** Formats that Chromium decodes. */
const image = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;

/** The yaw below which a head faces the camera, in radians. */
const frontalYaw = (15 * Math.PI) / 180;

/** The faces of labelled photos. */
export interface LabelledPhotos {
  faces: EvaluatedFace[];
  /** The number of photos in which no face was found. */
  notFound: number;
}

/** Assigns a photo to a cohort. */
export type CohortRule = (person: string, file: string, quality: Quality | undefined) => string | undefined;

/**
 * The rule of the option --cohorts.
 *
 * @param given `pose`, which compares heads that face the camera with turned ones, or the path of a cohorts file.
 * @throws {SyntaxError} for a malformed file.
 */
export function cohortRule(given: string | undefined): CohortRule {
  if (given === undefined) return () => undefined;
  if (given === 'pose') return (_person, _file, quality) => quality && poseOf(quality);
  const cohorts: Cohorts = parseCohorts(readFileSync(userPath(given), 'utf8'));
  return (person, file) => cohortOf(cohorts, person, file);
}

function poseOf({ yaw }: Quality): string {
  return Math.abs(yaw) < frontalYaw ? 'head turned by less than 15°' : 'head turned by 15° or more';
}

/**
 * Embeds the photos of a folder with one folder per person. In each photo the face nearest to the centre is used. Results
 * are cached.
 *
 * @param folder has the folders of the people, or a folder `images` with them.
 */
export function embedPhotos(folder: string, recipe: Recipe, cohort: CohortRule): Promise<LabelledPhotos> {
  const root = userPath(folder);
  const images = existsSync(join(root, 'images')) ? join(root, 'images') : root;
  const photos = listPhotos(images);
  if (photos.length === 0) throw new Error(`${root} has no photos: make one folder per person, with photos in it.`);
  buildLibrary();
  return withBrowser({ folders: { '/photos': images } }, async (session) => {
    const addresses = new Map(photos.map(({ path }) => [path, `/photos/${encodeURI(path)}`]));
    const results = await embedImages(session, faceNet(session.server.url, recipe, 'detector'), addresses);
    const faces = photos.flatMap((photo) => evaluatedFace(photo, results.get(photo.path), cohort) ?? []);
    return { faces, notFound: photos.length - faces.length };
  });
}

/** A photo by its path, which is FOLDER/FILE. */
interface PersonPhoto {
  path: string;
  person: string;
  file: string;
}

/** The face of a photo, with its quality, so that its pairs are judged as the library does; undefined if none was found. */
export function evaluatedFace(
  { path, person, file }: PersonPhoto,
  result: Pick<ImageResult, 'embedding' | 'detected' | 'quality'> | undefined,
  cohort: CohortRule,
): EvaluatedFace | undefined {
  if (!result?.detected || !result.embedding) return undefined;
  const { embedding, quality } = result;
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
