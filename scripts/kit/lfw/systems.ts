import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Calibration, Metric } from '../../../lib/core/types.ts';
import type { FaceNet as FaceNetClass, LoadOptions, Quality } from '../../../lib/index.ts';
import type { Manifest } from '../../../lib/models/manifest.ts';
import { builtCode } from '../build.ts';
import type { ImageResult, System } from './embeddings.ts';

/** How the face of an image is chosen: by detection, or as a fixed crop of its middle. */
export type Protocol = 'detector' | 'centre';

/** A way of embedding that is evaluated: a preset, or a preset with an embedder of somebody's own in it. */
export interface Recipe {
  /** The preset's name, or the embedder's. */
  name: string;
  preset: string;
  /** The embedder's name. */
  model: string;
  metric: Metric;
  calibration: Calibration | undefined;
  /** The manifest of an embedder of somebody's own, and its folder. */
  manifest?: string;
  folder?: string;
  /** All that decides the embeddings, for the cache to know them by. */
  identity: unknown;
}

const root = (path: string) => new URL(`../../../${path}`, import.meta.url);
const readManifest = (file: URL | string) => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

/** @throws {Error} with the names that there are, for a preset or an embedder that there is not. */
export function chooseRecipe(presetName: string, ownManifest: string | undefined): Recipe {
  const shipped = readManifest(root('public/models/manifest.json'));
  const preset = shipped.presets?.find(({ name }) => name === presetName);
  if (!preset) {
    throw new Error(`--preset is "${presetName}": use ${shipped.presets?.map(({ name }) => `"${name}"`).join(', ')}.`);
  }
  const models = ownManifest ? readManifest(ownManifest).models : shipped.models;
  const model = models.find(({ name, task }) => task === 'embedding' && (ownManifest || name === preset.embedder));
  if (model?.task !== 'embedding') throw new Error(`${ownManifest ?? 'The manifest'} has no embedder.`);
  // What a distance means does not change an embedding.
  const { calibration, ...recipe } = preset;
  const files = [...shipped.models, ...models].flatMap((each) => each.files.map(({ sha256 }) => sha256));
  const identity = [recipe, files, model.preprocessing, model.template, model.outputs];
  const common = { preset: presetName, model: model.name, metric: model.metric, identity };
  if (!ownManifest) return { ...common, name: presetName, calibration };
  const own = { manifest: ownManifest, folder: dirname(ownManifest), calibration: model.calibration };
  return { ...common, name: model.name, ...own };
}

/** The fixed crop of an LFW image, framed as the mean of LFW's aligned faces lies in it: its side and its middle, as shares. */
export const centreFrame = { side: 0.472, x: 0.504, y: 0.54 };

/** What starts facenet-web in a page: the built library's address, and what it is loaded with. */
export interface FaceNetOptions {
  library: string;
  load: LoadOptions;
}

/**
 * facenet-web itself, as it is built. The person of an image is the one in its middle (that is how LFW was made); where no
 * face is found the paper's fall-back serves, a fixed crop of the middle.
 */
export function faceNet(url: string, recipe: Recipe, protocol: Protocol, detector: string | undefined): System {
  const { name, preset, identity, manifest } = recipe;
  const models = `${url}models/`;
  const load: LoadOptions = {
    preset,
    ...(manifest ? { models: [`${url}own/`, models], embedder: name } : { models }),
    ...(detector && { detector }),
  };
  const options = {
    library: `${url}dist/facenet-web.js`,
    load,
    protocol,
    frame: centreFrame,
  } satisfies FaceNetOptions & EmbedOptions;
  return {
    name: `facenet-web-${name}`,
    identity: [identity, builtCode(), protocol, detector],
    start: startFaceNet,
    embed: embedWithFaceNet,
    options,
  };
}

/** What embedding in the page is told. */
interface EmbedOptions {
  protocol: Protocol;
  frame: typeof centreFrame;
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

  const centreCrop = (bitmap: ImageBitmap) => {
    const side = frame.side * bitmap.width;
    const [x, y] = [frame.x * bitmap.width - side / 2, frame.y * bitmap.height - side / 2];
    return createImageBitmap(bitmap, Math.round(x), Math.round(y), Math.round(side), Math.round(side));
  };

  const results: ImageResult[] = [];
  for (const address of given.addresses) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const start = performance.now();
    // The people of LFW hold their heads upright; where none is found, rolled ones are looked for all the same.
    const faces = protocol === 'centre' ? [] : await facenet.detect(bitmap, { thorough: false });
    const fromCentre = ({ box }: (typeof faces)[number]) =>
      Math.hypot(box.x + (box.width - bitmap.width) / 2, box.y + (box.height - bitmap.height) / 2);
    const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
    const { embedding, quality }: { embedding: Float32Array; quality?: Quality } = face
      ? await facenet.embed(bitmap, face)
      : await facenet.embedCrop(await centreCrop(bitmap));
    const milliseconds = performance.now() - start;
    // Six digits are float32's, and a third of the cache's size.
    const digits = [...embedding].map((value) => Number(value.toPrecision(6)));
    results.push({ embedding: digits, detected: face !== undefined, milliseconds, ...(quality && { quality }) });
    bitmap.close();
  }
  return results;
}
