import { alignedCrop } from '../alignment/align.ts';
import type { Landmarks } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';

/**
 * The colours of a face's aligned crop, reduced to {@link signatureSide} × {@link signatureSide} pixels: red, green and blue of each,
 * 0 to 255, row by row. It changes little from frame to frame, and much when the picture is cut to another face.
 */
export type FaceSignature = Uint8Array;

const signatureSide = 8;

/** Computes the signature of a face. It costs a fraction of an embedding. */
export function faceSignature(picture: PixelSource, landmarks: Landmarks): FaceSignature {
  const { data } = alignedCrop(picture, landmarks, 'arcface', signatureSide);
  return Uint8Array.from({ length: signatureSide ** 2 * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)] as number);
}

/**
 * The median difference of two signatures' values, 0 to 255. Unlike the mean, it ignores what covers less than half of the face.
 */
export function signatureDistance(a: FaceSignature, b: FaceSignature): number {
  const differences = a.map((value, i) => Math.abs(value - (b[i] as number))).sort();
  return differences[differences.length >> 1] as number;
}
