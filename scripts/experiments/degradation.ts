import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { BrowserSession } from '../kit/browser.ts';
import { embedImages, type System } from '../kit/lfw/embed-images.ts';
import { centreFrame } from '../kit/lfw/facenet.ts';
import { fetchBitmap, pageFunctions, roundedEmbedding } from '../kit/lfw/page-functions.ts';
import { addNoise, blurCrop, cropFunctions, mirrorCrop } from './crop-functions.ts';
import { type CentralFace, pipelineHash } from './find-faces.ts';

/** Changes of an aligned crop before it is embedded, in this order. */
export interface Degradation {
  /** The side of the crop in pixels. */
  side: number;
  /** Takes a fixed crop of the image's centre instead of the aligned crop of its face. */
  centre?: boolean;
  /** The standard deviation of a Gaussian blur, in pixels of the crop. */
  blur?: number;
  /** Low light: a factor for all values, and the standard deviation of Gaussian noise, of 255. */
  light?: { factor: number; noise: number };
  /** The JPEG quality at which the crop is encoded and decoded, 1 to 100, in Chromium's encoder. */
  jpeg?: number;
}

/** The embeddings of a crop and of its mirror image; null if no face was found. */
export type CropEmbeddings = { plain: number[]; mirrored: number[] } | null;

/** The embedder of the experiments: the recorded figures are of it. */
export const experimentEmbedder = 'dlib-resnet-34';

/** Its input size, without a degradation. */
export const undegraded: Degradation = { side: 150 };

/** Low light, blur and JPEG at quality 10 together, on which heads are trained and measured. */
export const hardCase: Degradation = { ...undegraded, blur: 1.2, light: { factor: 0.3, noise: 3 }, jpeg: 10 };

/**
 * Embeds the aligned crop of each image after a degradation. The faces are those of faces.json.
 *
 * @param addresses the URL of each image, by path.
 */
export function embedDegraded(
  session: BrowserSession,
  addresses: ReadonlyMap<string, string>,
  degradation: Degradation,
): Promise<Map<string, CropEmbeddings>> {
  const { side, centre, blur, light, jpeg } = degradation;
  const parts = [
    centre && 'centre',
    blur && `blur${blur}`,
    light && `light${light.factor}-${light.noise}`,
    jpeg && `jpeg${jpeg}`,
  ];
  const { url } = session.server;
  const system: System<CropEmbeddings> = {
    name: ['crops', `${side}px`, ...parts.filter(Boolean)].join('-'),
    identity: [pipelineHash(), degradation],
    functions: { ...pageFunctions, ...cropFunctions, drawCentre, encodeJpeg },
    start: startCrops,
    embed: embedCrops,
    options: {
      library: `${url}dist/facenet-web.js`,
      models: `${url}models/`,
      embedder: experimentEmbedder,
      faces: `${url}experiments/faces.json`,
      degradation,
      frame: centreFrame,
    },
  };
  return embedImages(session, system, addresses);
}

/** Runs in the page. `fast` embeds the crop alone; `balanced` is the mean with its mirror image. */
async function startCrops(options: never): Promise<void> {
  const { library, models, embedder, faces } = options as Record<'library' | 'models' | 'embedder' | 'faces', string>;
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, {
    facenet: await FaceNet.load({ models, preset: 'fast', embedder, worker: false }),
    faces: await (await fetch(faces)).json(),
  });
}

/** Runs in the page. */
async function embedCrops(given: { addresses: string[]; options: never }): Promise<CropEmbeddings[]> {
  const { degradation, frame } = given.options as { degradation: Degradation; frame: typeof centreFrame };
  const { side, centre = false, blur = 0, light, jpeg } = degradation;
  const { facenet, faces } = globalThis as unknown as { facenet: FaceNetClass; faces: Record<string, CentralFace> };
  const context = new OffscreenCanvas(side, side).getContext('2d', {
    willReadFrequently: true,
  }) as OffscreenCanvasRenderingContext2D;
  const results: CropEmbeddings[] = [];
  for (const address of given.addresses) {
    const face = faces[address];
    if (!face && !centre) {
      results.push(null);
      continue;
    }
    const bitmap = await fetchBitmap(address);
    const aligned = face && !centre;
    let crop = aligned ? await facenet.align(bitmap, face, { size: side }) : drawCentre(context, bitmap, frame);
    bitmap.close();
    if (blur > 0) crop = blurCrop(crop, blur);
    if (light) crop = addNoise(crop, light, address);
    if (jpeg !== undefined) crop = await encodeJpeg(context, crop, jpeg);
    const plain = roundedEmbedding((await facenet.embedCrop(crop)).embedding);
    const mirrored = roundedEmbedding((await facenet.embedCrop(mirrorCrop(crop))).embedding);
    results.push({ plain, mirrored });
  }
  return results;
}

/** Runs in the page: the fixed crop of an image's centre. */
function drawCentre(
  context: OffscreenCanvasRenderingContext2D,
  bitmap: ImageBitmap,
  frame: typeof centreFrame,
): ImageData {
  const { width: side } = context.canvas;
  const extent = Math.round(frame.side * bitmap.width);
  const [x, y] = [frame.x * bitmap.width - extent / 2, frame.y * bitmap.height - extent / 2];
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, Math.round(x), Math.round(y), extent, extent, 0, 0, side, side);
  return context.getImageData(0, 0, side, side);
}

/** Runs in the page: encodes a crop as JPEG and decodes it. */
async function encodeJpeg(
  context: OffscreenCanvasRenderingContext2D,
  crop: ImageData,
  quality: number,
): Promise<ImageData> {
  const { canvas } = context;
  context.putImageData(crop, 0, 0);
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
  const bitmap = await createImageBitmap(file);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
