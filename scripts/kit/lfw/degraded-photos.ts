import type { FaceNet as FaceNetClass, Quality } from '../../../lib/index.ts';
import type { BrowserSession } from '../browser.ts';
import { builtCodeHash } from '../build-library.ts';
import { personOf } from './all-pairs.ts';
import { type Degradation, type DegradationName, degradations, mixedDegradations } from './degradations.ts';
import { degradeFunctions, degradePhoto } from './degrade-page.ts';
import { embedImages, type System } from './embed-images.ts';
import { type FaceNetOptions, startFaceNet, startOptions } from './facenet.ts';
import { mixPhoto, mixtureFunctions } from './mixture-page.ts';
import { centralFace, fetchBitmap, pageFunctions, roundedEmbedding } from './page-functions.ts';
import type { Recipe } from './recipe.ts';

/**
 * The number of people, with two photos each. A fit to half of them has as many faces of each defect, and false-accept rates of 10⁻³ are
 * measured on 40,000 pairs of strangers.
 */
const maxPeople = 300;

/** The face of a degraded photo; null if none was found. */
export type DegradedFace = { embedding: number[]; quality: Quality } | null;

/** The faces of a photo by degradation; null if no face was found in the unaltered photo. */
export type DegradedPhoto = Partial<Record<DegradationName, DegradedFace>> | null;

/**
 * Degrades photos of people with at least two, in every way, before detection, and embeds their faces. Results are cached.
 *
 * @param addresses the URL of each image, by its path.
 */
export function embedDegradedPhotos(
  session: BrowserSession,
  recipe: Recipe,
  addresses: ReadonlyMap<string, string>,
): Promise<Map<string, DegradedPhoto>> {
  const { name, identity, embedder } = recipe;
  const kinds = [...degradations, ...mixedDegradations]
    .filter((each) => each.name !== 'none')
    .map(({ name: kind, operations }) => ({ name: kind, ...(operations && { operations }) }));
  const functions = { ...pageFunctions, ...degradeFunctions, ...mixtureFunctions };
  const system: System<DegradedPhoto> = {
    name: `degraded-${name}`,
    identity: [identity, embedder, builtCodeHash(), kinds, Object.values(functions).map(String)],
    functions,
    start: startFaceNet,
    embed: embedInPage,
    options: { ...startOptions(session.server.url, recipe), kinds } satisfies FaceNetOptions & { kinds: Kinds },
  };
  return embedImages(session, system, chosenPhotos(addresses));
}

/** The degradations, as the page needs them. */
type Kinds = readonly Pick<Degradation, 'name' | 'operations'>[];

/** Two photos of each of {@link maxPeople} people, spread evenly over the names. */
function chosenPhotos(addresses: ReadonlyMap<string, string>): Map<string, string> {
  const photos = new Map<string, string[]>();
  for (const path of [...addresses.keys()].sort())
    photos.set(personOf(path), [...(photos.get(personOf(path)) ?? []), path]);
  const people = [...photos.values()].filter(({ length }) => length >= 2);
  const step = Math.max(1, people.length / maxPeople);
  const chosen = Array.from(
    { length: Math.min(maxPeople, people.length) },
    (_, i) => people[Math.floor(i * step)] ?? [],
  );
  return new Map(chosen.flatMap((paths) => paths.slice(0, 2).map((path) => [path, addresses.get(path) as string])));
}

/** Runs in the page. */
async function embedInPage(given: { addresses: string[]; options: never }): Promise<DegradedPhoto[]> {
  const { kinds } = given.options as { kinds: Kinds };
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const results: DegradedPhoto[] = [];
  for (const address of given.addresses) {
    const bitmap = await fetchBitmap(address);
    const face = centralFace(await facenet.detect(bitmap, { thorough: false }), bitmap);
    const landmarked = face && (await facenet.landmarks(bitmap, face));
    const photo: DegradedPhoto = landmarked ? {} : null;
    // Each photo gets a quarter of the mixtures, because there are many: fewer strangers for each mixture are enough.
    const quarter = [...address].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 4;
    const own = kinds.filter(({ operations }, i) => !operations || i % 4 === quarter);
    for (const { name, operations } of landmarked ? own : []) {
      const known = landmarked as NonNullable<typeof landmarked>;
      const canvas = operations
        ? await mixPhoto(bitmap, known.box, operations)
        : await degradePhoto(bitmap, known, name);
      // Faces of 12 pixels are below the default size.
      const options = { thorough: false, ...(name.startsWith('size') && { minSize: 8 }) };
      const found = centralFace(await facenet.detect(canvas, options), canvas);
      const embedded = found && (await facenet.embed(canvas, found));
      Object.assign(photo ?? {}, {
        [name]: embedded ? { embedding: roundedEmbedding(embedded.embedding), quality: embedded.quality } : null,
      });
    }
    results.push(photo);
    bitmap.close();
  }
  return results;
}
