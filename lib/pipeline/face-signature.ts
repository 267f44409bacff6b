import { alignedCrop } from '../alignment/align.ts';
import type { FaceSignature } from '../core/face-signature.ts';
import type { Landmarks } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';

/** The side of the crop that a signature is made of, in pixels. */
const signatureSide = 8;

/** Computes the signature of a face. It costs a fraction of an embedding. */
export function faceSignature(picture: PixelSource, landmarks: Landmarks): FaceSignature {
  const { data } = alignedCrop(picture, landmarks, { template: 'arcface', size: signatureSide, zoom: 1 });
  return Uint8Array.from({ length: signatureSide ** 2 * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)] as number);
}
