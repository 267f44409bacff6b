import type { Box, EmbeddedFace, FaceNet } from 'facenet-web';
import { decodePhoto } from '../../app/decode-photo.ts';
import { encodeJpeg } from '../../app/encode-jpeg.ts';
import type { PhotoFile } from './photo-files.ts';

/** What is kept of a face: enough to group, show and export it. */
export interface PhotoFace {
  /** The photo that it is in, by its number. */
  photo: number;
  box: Box;
  score: number;
  quality: { overall: number };
  embedding: Float32Array;
  model: string;
  /** The aligned crop as a small JPEG. */
  crop: Blob;
}

/** What became of a photo. */
export type PhotoResult = { photo: number; faces: PhotoFace[] } | { photo: number; error: unknown };

/** The side of the crops that are kept, on the embedder's own template, so that a gallery can embed them again: about 6 kB. */
const cropSide = 150;

/**
 * Finds and embeds the faces of photos, one photo after the other: only one is decoded at a time, and of each only the
 * crops stay.
 *
 * @param first the number of the first photo to look at; those before it are done.
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
      // What is wrong with one photo is no reason to give up the others.
      signal.throwIfAborted();
      yield { photo, error };
    }
  }
}

async function facesIn(facenet: FaceNet, file: File, photo: number, signal: AbortSignal): Promise<PhotoFace[]> {
  const found = await facenet.embed(file, { signal });
  if (found.length === 0) return [];
  // Decoded once for all its crops, and freed before the next photo.
  const bitmap = await decodePhoto(file);
  try {
    const faces: PhotoFace[] = [];
    for (const face of found) {
      const pixels = await facenet.align(bitmap, face, { size: cropSide, signal });
      faces.push({ ...kept(face), photo, crop: await encodeJpeg(drawn(pixels)) });
    }
    return faces;
  } finally {
    bitmap.close();
  }
}

/** A face without its 468 landmarks, which would be most of it. */
function kept({ box, score, quality, embedding, model }: EmbeddedFace) {
  return { box, score, quality: { overall: quality.overall }, embedding, model };
}

function drawn(pixels: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}
