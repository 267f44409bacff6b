import { FaceNetError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { EmbeddedFace } from '../../core/types.ts';
import { decodeImage } from '../../image/decode-image.ts';
import type { LibraryFaceNet } from '../model/types.ts';
import { type EncodedImage, encodeCanvas } from './encoded-image.ts';
import { readHeader } from './exif.ts';
import { indexKey } from './index-key.ts';
import { cropOf } from './stored-crop.ts';

/** A photo with its faces. */
export interface AnalysedPhoto {
  width: number;
  height: number;
  taken?: number;
  orientation: number;
  faces: EmbeddedFace[];
  /** The crop of each face. */
  crops: EncodedImage[];
  preview: EncodedImage | undefined;
  /** What it was analysed with, see {@link indexKey}. */
  key: string;
}

/** How photos are analysed. */
export interface AnalysisOptions {
  detect: { thorough?: boolean; minSize?: number };
  /** The longer side of the preview in pixels; 0 for none. */
  preview: number;
  signal: AbortSignal | undefined;
}

/** Whether an error concerns one photo, so that the others can be indexed. */
export function isOfPhoto(error: unknown): error is FaceNetError {
  return error instanceof FaceNetError && (error.code.startsWith('image-') || error.code === 'bitmap-detached');
}

/** Whether a worker died while it processed the photo, so that the photo may be the reason. */
export function isWorkerLost(error: unknown): boolean {
  return error instanceof FaceNetError && (error.code === 'worker-lost' || isWorkerLost(error.cause));
}

/** Reads a file. @returns its bytes and their SHA-256. @throws {FaceNetError} `image-unreadable` */
export async function readPhoto(file: Blob): Promise<{ bytes: ArrayBuffer; id: string }> {
  try {
    const bytes = await file.arrayBuffer();
    return { bytes, id: await sha256Hex(bytes) };
  } catch (cause) {
    throw new FaceNetError(
      'image-unreadable',
      'The file can no longer be read: it was moved, changed or removed. Add it again.',
      { cause },
    );
  }
}

/** Finds and embeds the faces of a photo, and makes its crops and its preview. The photo is decoded once, turned as its EXIF orientation states. */
export async function analysePhoto(
  facenet: LibraryFaceNet,
  bytes: ArrayBuffer,
  type: string,
  { detect, preview, signal }: AnalysisOptions,
): Promise<AnalysedPhoto> {
  const bitmap = await decodeImage(new Blob([bytes], { type }), { signal }).catch((cause: unknown) => {
    // A missing script concerns all photos.
    if (!isOfPhoto(cause)) throw cause;
    throw new FaceNetError(
      'image-unreadable',
      'The file is damaged, or this browser does not support its format: add it again as a JPEG or PNG file.',
      { cause },
    );
  });
  try {
    // The FaceNet may change meanwhile.
    const key = indexKey(facenet, detect);
    const faces = await facenet.embed(bitmap, { ...detect, signal });
    const crops: EncodedImage[] = [];
    for (const face of faces) crops.push(await cropOf(bitmap, face));
    const { width, height } = bitmap;
    return {
      ...readHeader(bytes),
      width,
      height,
      faces,
      crops,
      key,
      preview: preview > 0 ? await previewOf(bitmap, preview) : undefined,
    };
  } finally {
    bitmap.close();
  }
}

async function previewOf(bitmap: ImageBitmap, side: number): Promise<EncodedImage> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale)));
  return encode(
    await createImageBitmap(bitmap, {
      resizeWidth: width as number,
      resizeHeight: height as number,
      resizeQuality: 'medium',
    }),
  );
}

/** Encodes a bitmap, and closes it. */
async function encode(bitmap: ImageBitmap): Promise<EncodedImage> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return encodeCanvas(canvas);
}
