import type { Box, EmbeddedFace, FaceNet } from 'facenet-web';
import { decodePhoto } from '../../app/decode-photo.ts';
import { encodeJpeg } from '../../app/encode-jpeg.ts';
import type { PhotoFile } from './photo-files.ts';

/** The data of a face that grouping, display and export need. */
export interface PhotoFace {
  /** The index of its photo. Grouping treats the faces of a photo as different people. */
  photo: number;
  box: Box;
  score: number;
  quality: { overall: number };
  embedding: Float32Array;
  model: string;
  /** The aligned crop as a small JPEG. */
  crop: Blob;
}

/** The faces of a photo, or the error that occurred. `photo` is the photo's index. */
export type PhotoResult = { photo: number; faces: PhotoFace[] } | { photo: number; error: unknown };

/** The side length of the crops, in pixels: about 6 kB each. They use the embedder's template, so a gallery can embed them again. */
const cropSide = 150;

/**
 * Finds and embeds the faces of photos in sequence. Only one photo is decoded at a time, and only its face crops are kept.
 *
 * @param first the index of the first photo to process.
 */
export async function* embedPhotos(
  facenet: FaceNet,
  photos: readonly PhotoFile[],
  first: number,
  signal: AbortSignal,
): AsyncGenerator<PhotoResult> {
  for (let photo = first; photo < photos.length; photo++) {
    const { file } = photos[photo] as PhotoFile;
    try {
      yield { photo, faces: await facesIn(facenet, file, photo, signal) };
    } catch (error) {
      // A photo that fails does not stop the others.
      signal.throwIfAborted();
      yield { photo, error };
    }
  }
}

async function facesIn(facenet: FaceNet, file: File, photo: number, signal: AbortSignal): Promise<PhotoFace[]> {
  const found = await facenet.embed(file, { signal });
  if (found.length === 0) return [];
  // Decode once for all crops, and free the bitmap before the next photo.
  const bitmap = await decodePhoto(file);
  try {
    const faces: PhotoFace[] = [];
    for (const face of found) {
      const pixels = await facenet.align(bitmap, face, { size: cropSide, signal });
      faces.push({ ...withoutLandmarks(face), photo, crop: await encodeJpeg(toCanvas(pixels)) });
    }
    return faces;
  } finally {
    bitmap.close();
  }
}

/** Drops the 468 landmarks, which take most of the memory. */
function withoutLandmarks({ box, score, quality, embedding, model }: EmbeddedFace) {
  return { box, score, quality: { overall: quality.overall }, embedding, model };
}

function toCanvas(pixels: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}
