import type { Box } from '../../../lib/index.ts';

/** Runs in the page. The face nearest to the image's centre: in LFW's images, the labelled person's. */
export function centralFace<Face extends { box: Box }>(
  faces: readonly Face[],
  image: { width: number; height: number },
): Face | undefined {
  const offset = ({ box }: Face) =>
    Math.hypot(box.x + (box.width - image.width) / 2, box.y + (box.height - image.height) / 2);
  return [...faces].sort((a, b) => offset(a) - offset(b))[0];
}

/** Runs in the page. An embedding with six digits, which float32 has: a third of the cache's size. */
export function roundedEmbedding(embedding: Float32Array): number[] {
  return [...embedding].map((value) => Number(value.toPrecision(6)));
}

/** Runs in the page. @throws {Error} that names the image, if it is missing or cannot be decoded. */
export async function fetchBitmap(address: string): Promise<ImageBitmap> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} cannot be read: HTTP ${response.status}.`);
  return createImageBitmap(await response.blob()).catch((cause: unknown) => {
    throw new Error(`${address} cannot be decoded: ${cause}`);
  });
}

/** The functions above, for definePageFunctions. */
export const pageFunctions = { centralFace, roundedEmbedding, fetchBitmap };
