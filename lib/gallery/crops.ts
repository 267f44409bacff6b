import { isInstance } from '../core/brand.ts';
import { FaceNetError } from '../core/errors.ts';
import { maxCropSize, requireAtMost } from './limits.ts';
import { type StoredCrop, safeImageType } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';

/**
 * A crop as a file. The bytes of a Blob are unchanged; pixels are encoded as PNG, which is lossless.
 *
 * @throws {FaceNetError} `image-type` for any other value, and for a Blob of a type that is no raster image;
 *   `option-invalid` above 16 MiB.
 */
export async function storedCrop(crop: ImageData | Blob): Promise<StoredCrop> {
  const file = isInstance(crop, 'Blob') ? crop : await encodedPixels(crop);
  if (file.type !== '' && safeImageType(file.type) !== file.type) {
    throw new FaceNetError('image-type', `The crop is of the type "${file.type}": pass a JPEG, PNG or WebP file.`);
  }
  requireAtMost(maxCropSize, file.size, 'The crop', 'bytes');
  return { type: safeImageType(file.type), data: new Uint8Array(await file.arrayBuffer()) };
}

/** A stored crop as a Blob of an image type, which a page can show without running what is in it. */
export function cropFile({ type, data }: StoredCrop): Blob {
  return new Blob([data], { type: safeImageType(type) });
}

/**
 * The stored crop of an enrolled face as a file; undefined if it has none.
 *
 * @throws {FaceNetError} `person-unknown` if there is no such enrolled face; `gallery-corrupt` if the crop is damaged.
 */
export async function cropOf({ contents, readCrop }: GalleryState, face: string): Promise<Blob | undefined> {
  if (contents.templates.has(face)) return contents.crops.has(face) ? cropFile(await readCrop(face)) : undefined;
  throw new FaceNetError('person-unknown', 'The gallery has no enrolled face with this id: use an id from list().');
}

/** Reads the stored crops, each with its template's id. @param only the templates whose crops are read. Default: all. */
export async function storedCrops(
  { contents, readCrop }: GalleryState,
  signal: AbortSignal | undefined,
  only: ReadonlySet<string> = contents.crops,
): Promise<{ id: string; crop: StoredCrop }[]> {
  const crops: { id: string; crop: StoredCrop }[] = [];
  for (const id of contents.crops) {
    signal?.throwIfAborted();
    if (only.has(id)) crops.push({ id, crop: await readCrop(id) });
  }
  return crops;
}

/**
 * Refuses to write crops beside templates of a template key without encryption: the faces in the crops can be embedded
 * again, which makes the key useless.
 *
 * @throws {FaceNetError} `option-invalid`
 */
export function requireProtectedCrops(state: GalleryState, planned: ChangePlan<unknown>): void {
  if (planned.meta?.vault ?? state.meta.vault) return;
  const adds = (planned.change?.crops?.length ?? 0) > 0;
  const exposed = planned.templateKey ? adds || state.contents.crops.size > 0 : state.templateKey !== undefined && adds;
  if (!exposed) return;
  throw new FaceNetError(
    'option-invalid',
    'A template key protects nothing if crops of the faces are stored unencrypted: call protect(passphrase) first, or store no crops.',
  );
}

async function encodedPixels(crop: ImageData): Promise<Blob> {
  if (!isInstance(crop, 'ImageData')) {
    throw new FaceNetError('image-type', 'The crop is not an image: pass the ImageData of align(), or a Blob.');
  }
  const canvas = new OffscreenCanvas(crop.width, crop.height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.putImageData(crop, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
