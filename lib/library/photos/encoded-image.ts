/** An encoded image. */
export interface EncodedImage {
  type: string;
  data: ArrayBuffer;
}

/** Encodes a canvas as JPEG. */
export async function encodeCanvas(canvas: OffscreenCanvas): Promise<EncodedImage> {
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.82 });
  return { type: blob.type, data: await blob.arrayBuffer() };
}
