import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { EmbeddedFace } from '../../core/types.ts';
import type { LibraryFaceNet } from '../model/types.ts';
import { embedStoredCrop } from '../photos/stored-crop.ts';
import { embedderOf } from '../session/embedder.ts';
import { requireEmbeddingsOf } from '../session/require-model.ts';
import { isSameEmbedder } from '../storage/embedder.ts';
import type { FaceRow, ImageRow } from '../storage/tables.ts';

/** What an update embeds the faces with. The FaceNet may change meanwhile, which ends the update. */
export interface Target extends Pick<LibraryFaceNet, 'rule' | 'identity' | 'models'> {
  generation: number;
}

/** A face with its stored crop. */
interface StoredFace {
  face: FaceRow;
  crop: ImageRow;
}

/**
 * Embeds a face from its crop. If the crop cannot be read, it is tried once more, because decoding fails for a moment when memory is
 * short.
 *
 * @returns the error if the crop could not be read twice.
 * @throws {FaceNetError} `model-mismatch` for an embedding of another embedder than the update's.
 */
export async function embedCrop(
  facenet: LibraryFaceNet,
  target: Target,
  stored: StoredFace,
  signal: AbortSignal,
): Promise<EmbeddedFace | FaceNetError> {
  const first = await tryCrop(facenet, target, stored, signal);
  if (!(first instanceof FaceNetError)) return first;
  await yieldToEventLoop(signal);
  return tryCrop(facenet, target, stored, signal);
}

async function tryCrop(
  facenet: LibraryFaceNet,
  target: Target,
  { face, crop }: StoredFace,
  signal: AbortSignal,
): Promise<EmbeddedFace | FaceNetError> {
  let bitmap: ImageBitmap | undefined;
  try {
    bitmap = await decoded(crop);
    const embedded = await embedStoredCrop(facenet, bitmap, face, { signal });
    requireTarget(facenet, target, embedded);
    return embedded;
  } catch (error) {
    if (error instanceof FaceNetError && error.code.startsWith('image-')) return error;
    throw error;
  } finally {
    bitmap?.close();
  }
}

async function decoded({ data, type }: ImageRow): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([data], { type }));
  } catch (cause) {
    throw new FaceNetError('image-unreadable', 'A stored crop could not be decoded.', { cause });
  }
}

/** Checks that an embedding is of an update's embedder. @throws {FaceNetError} `model-mismatch` */
function requireTarget(facenet: LibraryFaceNet, target: Target, face: EmbeddedFace): void {
  requireEmbeddingsOf(target.rule, [face]);
  if (isSameEmbedder(embedderOf(facenet), embedderOf(target))) return;
  throw new FaceNetError(
    'model-mismatch',
    'The FaceNet changed to another embedder during the update: call update() again.',
  );
}
