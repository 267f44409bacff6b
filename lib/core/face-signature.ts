/**
 * The colours of a face's aligned crop, reduced to 8 × 8 pixels: red, green and blue of each, 0 to 255, row by row. It changes little
 * from frame to frame, and much when the picture is cut to another face.
 */
export type FaceSignature = Uint8Array;

/**
 * The median difference of two signatures' values, 0 to 255. Unlike the mean, it ignores what covers less than half of the face.
 */
export function signatureDistance(a: FaceSignature, b: FaceSignature): number {
  const differences = a.map((value, i) => Math.abs(value - (b[i] as number))).sort();
  return differences[differences.length >> 1] as number;
}
