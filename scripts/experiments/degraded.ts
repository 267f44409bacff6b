import type { Browser } from 'playwright';
import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Server } from '../kit/browser.ts';
import { embedImages, type System } from '../kit/lfw/embeddings.ts';
import { centreFrame } from '../kit/lfw/systems.ts';
import { fallIdentity, type MiddleFace } from './faces.ts';

/** What is done to an aligned crop before it is embedded, in this order. */
export interface Degradation {
  /** The crop's side in pixels. */
  side: number;
  /** The fixed crop of the image's middle instead of the aligned crop of its face. */
  centre?: boolean;
  /** The standard deviation of a Gaussian blur, in pixels of the crop. */
  blur?: number;
  /** Low light: values are multiplied by this share, and Gaussian noise of so many of 255 steps is added to each. */
  light?: { share: number; noise: number };
  /** The quality at which the crop is written as JPEG and read again, 1 to 100, as Chromium's encoder takes it. */
  jpeg?: number;
}

/** The embeddings of a crop and of its mirror image; null where no face was found. */
export type CropEmbeddings = { plain: number[]; mirrored: number[] } | null;

/** The crop that the embedder takes, untouched. */
export const untouched: Degradation = { side: 150 };

/**
 * Embeds the aligned crop of each image's face after a degradation.
 *
 * @param addresses by image path; {@link findFaces} has found their faces.
 */
export function embedDegraded(
  browser: Browser,
  server: Server,
  addresses: Map<string, string>,
  degradation: Degradation,
): Promise<Map<string, CropEmbeddings>> {
  const { side, centre, blur, light, jpeg } = degradation;
  const parts = [
    centre && 'centre',
    blur && `blur${blur}`,
    light && `light${light.share}-${light.noise}`,
    jpeg && `jpeg${jpeg}`,
  ];
  const system: System<CropEmbeddings> = {
    name: ['crops', `${side}px`, ...parts.filter(Boolean)].join('-'),
    identity: [fallIdentity(), degradation],
    start: startCrops,
    embed: embedCrops,
    options: {
      library: `${server.url}dist/facenet-web.js`,
      models: `${server.url}models/`,
      faces: `${server.url}experiments/faces.json`,
      degradation,
      frame: centreFrame,
    },
  };
  return embedImages(browser, server, system, addresses);
}

/** Runs in the page. One crop of a face is what `fast` embeds; the mean with its mirror image is what `balanced` does. */
async function startCrops(options: never): Promise<void> {
  const { library, models, faces } = options as { library: string; models: string; faces: string };
  const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, {
    facenet: await FaceNet.load({ models, preset: 'fast', worker: false }),
    faces: await (await fetch(faces)).json(),
  });
}

/** Runs in the page. */
async function embedCrops(given: { addresses: string[]; options: never }): Promise<CropEmbeddings[]> {
  const { degradation, frame } = given.options as { degradation: Degradation; frame: typeof centreFrame };
  const { side, centre = false, blur = 0, light, jpeg } = degradation;
  const { facenet, faces } = globalThis as unknown as { facenet: FaceNetClass; faces: Record<string, MiddleFace> };
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;

  const middleOf = (bitmap: ImageBitmap) => {
    const extent = Math.round(frame.side * bitmap.width);
    const [x, y] = [frame.x * bitmap.width - extent / 2, frame.y * bitmap.height - extent / 2];
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, Math.round(x), Math.round(y), extent, extent, 0, 0, side, side);
    return context.getImageData(0, 0, side, side);
  };

  /** Separable, with the edge's pixels continued. */
  const blurred = ({ data }: ImageData): ImageData => {
    const reach = Math.ceil(3 * blur);
    const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * blur * blur)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const pass = (from: ArrayLike<number>, step: number, along: (pixel: number) => number) => {
      const to = new Float32Array(from.length);
      for (let pixel = 0; pixel < side * side; pixel++) {
        const at = along(pixel);
        for (let channel = 0; channel < 4; channel++) {
          let value = 0;
          weights.forEach((weight, i) => {
            const shift = Math.min(side - 1, Math.max(0, at + i - reach)) - at;
            value += (weight / sum) * (from[(pixel + shift * step) * 4 + channel] as number);
          });
          to[pixel * 4 + channel] = value;
        }
      }
      return to;
    };
    const across = pass(data, 1, (pixel) => pixel % side);
    return new ImageData(Uint8ClampedArray.from(pass(across, side, (pixel) => Math.floor(pixel / side))), side, side);
  };

  /** The same noise for the same photo, whenever it is made. */
  const darkened = ({ data }: ImageData, { share, noise }: { share: number; noise: number }, seed: string) => {
    let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261);
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return ((state >>> 8) + 0.5) / 2 ** 24;
    };
    const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const dark = data.map((value, i) => (i % 4 === 3 ? 255 : value * share + noise * normal()));
    return new ImageData(dark, side, side);
  };

  const asJpeg = async (crop: ImageData, quality: number) => {
    context.putImageData(crop, 0, 0);
    const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
    const bitmap = await createImageBitmap(file);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return context.getImageData(0, 0, side, side);
  };

  const mirror = ({ data }: ImageData) => {
    const [from, to] = [new Uint32Array(data.buffer), new Uint32Array(side * side)];
    for (let pixel = 0; pixel < to.length; pixel++) {
      to[pixel] = from[pixel - (pixel % side) + side - 1 - (pixel % side)] as number;
    }
    return new ImageData(new Uint8ClampedArray(to.buffer), side, side);
  };

  const digits = ({ embedding }: { embedding: Float32Array }) => [...embedding].map((v) => Number(v.toPrecision(6)));
  const results: CropEmbeddings[] = [];
  for (const address of given.addresses) {
    const face = faces[address];
    if (!face && !centre) {
      results.push(null);
      continue;
    }
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    let crop = face && !centre ? await facenet.align(bitmap, face, { size: side }) : middleOf(bitmap);
    bitmap.close();
    if (blur > 0) crop = blurred(crop);
    if (light) crop = darkened(crop, light, address);
    if (jpeg !== undefined) crop = await asJpeg(crop, jpeg);
    const [plain, mirrored] = [await facenet.embedCrop(crop), await facenet.embedCrop(mirror(crop))];
    results.push({ plain: digits(plain), mirrored: digits(mirrored) });
  }
  return results;
}
