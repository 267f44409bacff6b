import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Box, ImageSource, Pixels } from '../core/types.ts';
import type { PixelSource, Raster } from './warp.ts';

/** A still picture that the stages read from; `close` frees what was decoded for it. */
export interface Picture extends PixelSource {
  close(): void;
}

/**
 * Opens anything drawable as a still picture: one frame of a video, one state of a canvas, whatever happens to them
 * afterwards.
 *
 * @throws {FaceNetError} `image-type`, `image-unreadable`, `image-empty`, `image-tainted`, `video-not-ready` or
 *   `bitmap-detached`.
 */
export async function openPicture(source: ImageSource, signal?: AbortSignal): Promise<Picture> {
  signal?.throwIfAborted();
  if (is(source, 'ImageData')) return pixelPicture(source);
  const opening = toBitmap(source).then(({ image, owned }) => bitmapPicture(image, owned));
  try {
    return await abortable(opening, signal);
  } catch (error) {
    // What was given up is still decoded to its end.
    opening.then(
      (picture) => picture.close(),
      () => {},
    );
    throw error;
  }
}

/** A picture that a structured clone can carry. */
export type PortableImage = ImageBitmap | ImageData | Blob;

/**
 * The picture as it can be sent to a worker, and whether it is a bitmap of its own that can be handed over.
 *
 * @throws {FaceNetError} like {@link openPicture}.
 */
export async function portable(
  source: ImageSource,
  signal?: AbortSignal,
): Promise<{ image: PortableImage; owned: boolean }> {
  signal?.throwIfAborted();
  if (is(source, 'ImageData')) {
    if (source.data.length === 0) throw detached('ImageData');
    return { image: source, owned: false };
  }
  // A file is decoded where it is needed.
  if (is(source, 'Blob')) return { image: source, owned: false };
  return toBitmap(source);
}

/** Whether a value is of a class that this environment may or may not have. */
function is<Name extends keyof typeof globalThis>(
  value: unknown,
  name: Name,
): value is (typeof globalThis)[Name] extends abstract new (...args: never[]) => infer Instance ? Instance : never {
  const type: unknown = globalThis[name];
  return typeof type === 'function' && value instanceof type;
}

/** Whether a source is a frame of a video, of which another follows at once. */
export function isVideo(source: unknown): boolean {
  return is(source, 'HTMLVideoElement') || is(source, 'VideoFrame');
}

/** Whether a source shows the same whenever it is read, unlike a video, or a canvas that is drawn on. */
export function isStill(source: unknown): boolean {
  return is(source, 'Blob') || is(source, 'ImageData') || is(source, 'ImageBitmap') || is(source, 'HTMLImageElement');
}

/** The source as an ImageBitmap, and whether it is ours to close. */
async function toBitmap(source: Exclude<ImageSource, ImageData>): Promise<{ image: ImageBitmap; owned: boolean }> {
  if (is(source, 'ImageBitmap')) {
    if (source.width === 0) throw detached('ImageBitmap');
    return { image: source, owned: false };
  }
  await requireDrawable(source);
  try {
    return { image: await createImageBitmap(source), owned: true };
  } catch (cause) {
    throw new FaceNetError(
      'image-unreadable',
      'The image could not be decoded: pass a picture in a format that this browser can show.',
      { cause },
    );
  }
}

/** Says what is wrong with a source that cannot be drawn, in terms of what it is. */
async function requireDrawable(source: Exclude<ImageSource, ImageData | ImageBitmap>): Promise<void> {
  if (is(source, 'Blob')) {
    if (source.size === 0) throw new FaceNetError('image-empty', 'The file is empty: pass one that holds a picture.');
  } else if (is(source, 'HTMLImageElement')) {
    await decoded(source);
  } else if (is(source, 'HTMLVideoElement')) {
    if (source.readyState < source.HAVE_CURRENT_DATA || source.videoWidth === 0) {
      throw new FaceNetError(
        'video-not-ready',
        'The video has no frame yet: wait for its "loadeddata" event, then call again.',
      );
    }
  } else if (is(source, 'VideoFrame')) {
    if (source.displayWidth === 0) throw detached('VideoFrame');
  } else if (is(source, 'HTMLCanvasElement') || is(source, 'OffscreenCanvas')) {
    if (source.width === 0 || source.height === 0) {
      throw new FaceNetError('image-empty', 'The canvas has no pixels: give it a width and a height.');
    }
  } else {
    throw new FaceNetError(
      'image-type',
      'Not an image: pass an image, video or canvas element, an OffscreenCanvas, ImageBitmap, ImageData, VideoFrame or Blob.',
    );
  }
}

async function decoded(image: HTMLImageElement): Promise<void> {
  try {
    await image.decode();
  } catch (cause) {
    throw new FaceNetError('image-unreadable', 'The image element did not load: check its address and its format.', {
      cause,
    });
  }
  if (image.naturalWidth === 0 || image.naturalHeight === 0) {
    throw new FaceNetError('image-empty', 'The image has no size in pixels of its own: give it a width and a height.');
  }
}

function detached(type: string): FaceNetError {
  return new FaceNetError(
    'bitmap-detached',
    `The ${type} was closed or transferred away: pass one that is still open.`,
  );
}

/** The error for a picture that the browser does not let the page read. */
export function tainted(cause: unknown): FaceNetError {
  return new FaceNetError(
    'image-tainted',
    'The browser forbids reading this image: serve it from the same origin, or with CORS and crossorigin="anonymous".',
    { cause },
  );
}

/** Beyond this a second copy of a picture would cost too much memory. */
const mostPixelsKept = 1 << 21;

/** Pixels in memory as a picture. @throws {FaceNetError} `bitmap-detached` when their buffer was transferred away. */
export function pixelPicture({ width, height, data }: Pixels): Picture {
  if (data.length === 0) throw detached('ImageData');
  const all = { x: 0, y: 0, width, height, data };
  const read = (region: Box) => {
    if (data.length === 0) throw detached('ImageData');
    return width * height <= mostPixelsKept ? all : cropped(all, region);
  };
  return { width, height, read, close() {} };
}

function cropped({ width, data }: Pixels, region: Box): Raster {
  const pixels = new Uint8ClampedArray(region.width * region.height * 4);
  for (let row = 0; row < region.height; row++) {
    const from = ((region.y + row) * width + region.x) * 4;
    pixels.set(data.subarray(from, from + region.width * 4), row * region.width * 4);
  }
  return { ...region, data: pixels };
}

function bitmapPicture(bitmap: ImageBitmap, owned: boolean): Picture {
  const { width, height } = bitmap;
  /** All of a small picture, once most of it was asked for: detection looks at it again and again. */
  let kept: Raster | undefined;
  const read = (region: Box): Raster => {
    if (!kept && width * height <= mostPixelsKept && region.width * region.height * 2 > width * height) {
      kept = draw({ x: 0, y: 0, width, height });
    }
    return kept ?? draw(region);
  };
  const draw = (region: Box): Raster => {
    canvas ??= readableCanvas();
    if (canvas.canvas.width < region.width) canvas.canvas.width = region.width;
    if (canvas.canvas.height < region.height) canvas.canvas.height = region.height;
    const { x, y, width, height } = region;
    try {
      // "copy" replaces what the canvas held, so that a transparent picture shows no earlier region.
      canvas.globalCompositeOperation = 'copy';
      canvas.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
      return { ...region, data: canvas.getImageData(0, 0, width, height).data };
    } catch (cause) {
      // What was drawn on it may forbid that anything is ever read from it again.
      empty(canvas);
      canvas = undefined;
      if (bitmap.width === 0) throw detached('ImageBitmap');
      throw tainted(cause);
    }
  };
  const close = () => {
    kept = undefined;
    if (owned) bitmap.close();
    if (canvas) empty(canvas);
  };
  return { width, height, read, close };
}

type Canvas = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Where pictures are drawn to be read, each within one turn. To make a canvas takes as long as to read a small picture. */
let canvas: Canvas | undefined;

/** A canvas keeps its memory until it is collected, which can be late; one without a size holds none. */
function empty({ canvas }: Canvas): void {
  canvas.width = 0;
  canvas.height = 0;
}

/** A 2D canvas that lives in the processor's memory, where reading back is cheap. */
function readableCanvas(): Canvas {
  const canvas = typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as Canvas | null;
  if (!context) {
    throw new FaceNetError('image-unreadable', 'This browser gives no 2D canvas: use another browser.');
  }
  return context;
}
