import type { LabelledEmbedding } from '../comparison/compare.ts';
import { unrotateEmbedding } from './crypto/rotation.ts';
import { isComparable } from './dimensions.ts';
import type { LogEvent } from './log-events.ts';
import { requireModel } from './model-counts.ts';
import type { GalleryState } from './state.ts';

type Examples = (LabelledEmbedding & { person: string; face: string })[];

/**
 * The embeddings of the current model, not rotated, each with the ids of its person and enrolled face.
 *
 * @throws {FaceNetError} `model-mismatch` if all enrolled faces are of other models.
 */
export async function examplesOf({ contents, rule, templateKey }: GalleryState): Promise<Examples> {
  const templates = [...contents.templates.values()].filter((template) => isComparable(template, rule));
  if (templates.length === 0) requireModel(rule.model, contents.models(), rule.model);
  return Promise.all(
    templates.map(async ({ id, person, model, embedding }) => ({
      person,
      face: id,
      model,
      embedding: await unrotateEmbedding(embedding, templateKey),
    })),
  );
}

/** What the log records about embeddings that leave the gallery. */
export function examplesEvent(examples: Examples): LogEvent {
  const people = new Set(examples.map(({ person }) => person)).size;
  return { event: 'exported', people, faces: examples.length, encrypted: false, examples: true };
}
