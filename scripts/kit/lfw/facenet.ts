import type { FaceNet as FaceNetClass, LoadOptions } from '../../../lib/index.ts';
import { builtCodeHash } from '../build-library.ts';
import { modelAddresses, type OwnModels } from '../own-models.ts';
import type { ImageResult, System } from './embed-images.ts';
import { centralFace, fetchBitmap, pageFunctions, roundedEmbedding } from './page-functions.ts';
import type { Recipe } from './recipe.ts';

/**
 * How the face of an image is located: by a detector, as a fixed crop about the image's centre, or not at all, if the image
 * is an aligned crop.
 */
export type Protocol = 'detector' | 'centre' | 'aligned';

/**
 * The fixed crop of an LFW image, as fractions of its width: the side, and the centre. It frames the face as the mean of
 * LFW's aligned crops does.
 */
export const centreFrame = { side: 0.551, x: 0.501, y: 0.467 };

/** The whole of a square image: the fixed crop of images that a face fills. */
export const wholeFrame: typeof centreFrame = { side: 1, x: 0.5, y: 0.5 };

/** What facenet-web is started with in a page: the URL of the built library, and its options. */
export interface FaceNetOptions {
  library: string;
  load: LoadOptions;
}

/** Stages that replace the preset's, and the folders of models of one's own that they may come from. */
export interface ReplacedStages {
  detector?: string | undefined;
  landmarker?: string | undefined;
  models?: OwnModels;
}

/** What {@link embedWithFaceNet} needs to know. */
interface EmbedOptions {
  protocol: Protocol;
  frame: typeof centreFrame;
}

/**
 * facenet-web, as built. It embeds the face nearest to the image's centre. If none is found it embeds a fixed crop of the
 * centre, as the FaceNet paper does.
 *
 * @param url the server's.
 * @param replaced the stages that replace the preset's.
 * @param frame the fixed crop.
 */
export function faceNet(
  url: string,
  recipe: Recipe,
  protocol: Protocol,
  replaced: ReplacedStages = {},
  frame = centreFrame,
): System {
  const { name, identity, embedder } = recipe;
  const options = {
    ...startOptions(url, recipe, replaced),
    protocol,
    frame: protocol === 'aligned' ? wholeFrame : frame,
  } satisfies FaceNetOptions & EmbedOptions;
  return {
    name: `facenet-web-${name}`,
    identity: [
      identity,
      embedder,
      builtCodeHash(),
      protocol,
      ...identityOf(replaced),
      ...(frame === centreFrame ? [] : [frame]),
    ],
    functions: { ...pageFunctions, cropCentre },
    start: startFaceNet,
    embed: embedWithFaceNet,
    options,
  };
}

/** What embeddings depend on besides the recipe. */
function identityOf({ detector, landmarker, models }: ReplacedStages): unknown[] {
  const own = models?.models.length ? [models.models] : [];
  return [detector, ...(landmarker ? [landmarker] : []), ...own];
}

/** The argument of {@link startFaceNet}. */
export function startOptions(
  url: string,
  { preset, manifest, embedder }: Recipe,
  { detector, landmarker, models }: ReplacedStages = {},
): FaceNetOptions {
  const addresses = models ? modelAddresses(url, models) : [`${url}models/`];
  const load: LoadOptions = {
    preset,
    models: manifest ? [`${url}own/`, ...addresses] : addresses,
    ...(embedder && { embedder }),
    ...(detector && { detector }),
    ...(landmarker && { landmarker }),
  };
  return { library: `${url}dist/facenet-web.js`, load };
}

/** Runs in the page. */
export async function startFaceNet(options: never): Promise<void> {
  const { library, load } = options as FaceNetOptions;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, { facenet: await FaceNet.load(load) });
}

/** Runs in the page. */
async function embedWithFaceNet(given: { addresses: string[]; options: never }): Promise<ImageResult[]> {
  const { protocol, frame } = given.options as EmbedOptions;
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  const results: ImageResult[] = [];
  for (const address of given.addresses) {
    const bitmap = await fetchBitmap(address);
    const start = performance.now();
    // Heads in LFW are upright. Without `thorough`, rolled ones are searched for only if no upright one is found.
    const faces = protocol !== 'detector' ? [] : await facenet.detect(bitmap, { thorough: false });
    const face = centralFace(faces, bitmap);
    const found = face && (await facenet.embed(bitmap, face));
    const { embedding } = found ?? (await facenet.embedCrop(await cropCentre(bitmap, frame)));
    const milliseconds = performance.now() - start;
    const detected = found !== undefined;
    results.push({
      embedding: roundedEmbedding(embedding),
      detected,
      milliseconds,
      ...(found && { quality: found.quality }),
    });
    bitmap.close();
  }
  return results;
}

/** Runs in the page. */
function cropCentre(bitmap: ImageBitmap, frame: typeof centreFrame): Promise<ImageBitmap> {
  const side = frame.side * bitmap.width;
  const [x, y] = [frame.x * bitmap.width - side / 2, frame.y * bitmap.height - side / 2];
  return createImageBitmap(bitmap, Math.round(x), Math.round(y), Math.round(side), Math.round(side));
}
