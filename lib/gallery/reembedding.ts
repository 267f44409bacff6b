import { embeddingOf, type LabelledEmbedding } from '../comparison/compare.ts';
import { strangerRating } from '../comparison/conditional.ts';
import { FaceNetError } from '../core/errors.ts';
import { faceInCrop } from '../core/face-in-crop.ts';
import { decodeImage } from '../image/decode-image.ts';
import { hasUnitLength } from './checked-input.ts';
import { cropFile } from './crops.ts';
import { rotateEmbedding } from './crypto/rotation.ts';
import { isComparable } from './dimensions.ts';
import { erasureOf } from './person-changes.ts';
import { type ErasureReceipt, erasureReceipt } from './receipt.ts';
import type { StoredTemplate } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { CropEmbedder, EnrolledFaceReference, Reembedding } from './types.ts';

/** Below this presence a crop shows no face. (The same value as in MediaPipe's face landmarker.) */
const minPresence = 0.5;

/** The embedded faces of crops, by their template's id. */
export type EmbeddedCrops = Map<string, LabelledEmbedding | 'no-face' | 'undecodable'>;

/**
 * Plans new embeddings, made from the stored crops, for all enrolled faces of another model.
 *
 * @param embedded the faces of crops that an earlier plan of the same call has embedded; it is added to. Without it, a
 *   tab that changes the gallery repeatedly would keep this call from ever ending.
 * @param removeRest whether enrolled faces that cannot be embedded again are removed.
 * @param undecodable the templates whose crops an earlier call could not decode. The others with such a crop are not
 *   removed: decoding fails for a while when memory is short.
 */
export async function planReembedding(
  { contents, templateKey, readCrop }: GalleryState,
  facenet: CropEmbedder,
  {
    removeRest,
    embedded,
    undecodable,
  }: { removeRest: boolean; embedded: EmbeddedCrops; undecodable: ReadonlySet<string> },
  signal: AbortSignal | undefined,
): Promise<ChangePlan<Reembedding>> {
  const { rule } = facenet;
  const templates: StoredTemplate[] = [];
  const withoutCrop: EnrolledFaceReference[] = [];
  const withoutFace: EnrolledFaceReference[] = [];
  for (const template of contents.templates.values()) {
    if (isComparable(template, rule)) continue;
    // The similarity to strangers is of the former embedding.
    const { strangerSimilarity: _, strangerModel: __, ...kept } = template;
    const { id, person } = kept;
    const hasCrop = contents.crops.has(id);
    if (hasCrop && !embedded.has(id)) {
      embedded.set(id, await embedFaceIn(cropFile(await readCrop(id)), facenet, signal));
    }
    const made = embedded.get(id);
    if (made && typeof made === 'object') {
      const embedding = await rotateEmbedding(checkedEmbedding(made, rule), templateKey);
      templates.push({ ...kept, model: rule.model, embedding, ...strangerRating(made) });
    } else (hasCrop ? withoutFace : withoutCrop).push({ person, face: id });
  }
  const isUndecided = ({ face }: EnrolledFaceReference) =>
    embedded.get(face) === 'undecodable' && !undecodable.has(face);
  const rest = [...withoutCrop, ...withoutFace.filter((face) => !isUndecided(face))];
  const removed = removeRest ? rest.map(({ face }) => face) : [];
  const receipt = await receiptOf(removed, rest.length - withoutCrop.length);
  return {
    change: { templates, removeTemplates: removed },
    events: [
      { event: 'changed', change: 'reembedded', faces: templates.length },
      ...(receipt ? [{ event: 'erased', ...erasureOf(receipt) } as const] : []),
    ],
    meta: { rule },
    result: () => ({ embedded: templates.length, withoutCrop, withoutFace, receipt }),
  };
}

/** The embedding. @throws {FaceNetError} `option-invalid` if it does not have the length 1, as imports require. */
function checkedEmbedding(made: LabelledEmbedding, rule: CropEmbedder['rule']): Float32Array {
  const embedding = embeddingOf(made, rule);
  if (hasUnitLength(embedding)) return embedding;
  throw new FaceNetError(
    'option-invalid',
    'An embedding of the new model does not have the length 1: divide embeddings by their length.',
  );
}

/** The receipt of the templates that could not be embedded again; undefined if none are removed. */
async function receiptOf(faces: string[], crops: number): Promise<ErasureReceipt | undefined> {
  if (faces.length === 0) return undefined;
  return erasureReceipt({ reason: 'removed', erasedAt: new Date(), people: [], faces, crops });
}

/**
 * Embeds the face in a stored crop. Its landmarks are found first, because the crop may be aligned to the template of
 * another model.
 *
 * @returns `no-face` if the crop shows none, `undecodable` if it is not a picture.
 */
async function embedFaceIn(
  crop: Blob,
  facenet: CropEmbedder,
  signal: AbortSignal | undefined,
): Promise<LabelledEmbedding | 'no-face' | 'undecodable'> {
  const bitmap = (await tryDecoding(crop, signal)) ?? (await tryDecoding(crop, signal));
  if (!bitmap) return 'undecodable';
  try {
    const face = await facenet.embed(bitmap, faceInCrop(bitmap), { signal });
    return (face.landmarks.presence ?? 1) < minPresence ? 'no-face' : face;
  } finally {
    bitmap.close();
  }
}

/** The picture; undefined if it cannot be decoded. */
async function tryDecoding(crop: Blob, signal: AbortSignal | undefined): Promise<ImageBitmap | undefined> {
  try {
    return await decodeImage(crop, { signal });
  } catch (error) {
    if (error instanceof FaceNetError && error.code.startsWith('image-')) return undefined;
    throw error;
  }
}
