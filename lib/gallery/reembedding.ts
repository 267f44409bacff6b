import { embeddingOf } from '../comparison/compare.ts';
import { rotateEmbedding } from './crypto/rotation.ts';
import type { StoredTemplate } from './records.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { CropEmbedder } from './types.ts';

/**
 * Plans new embeddings, made from the stored crops, for all templates of another model.
 *
 * @param removeRest whether templates without a crop are removed.
 */
export async function planReembedding(
  { contents, templateKey, readCrop }: GalleryState,
  facenet: CropEmbedder,
  removeRest: boolean,
  signal: AbortSignal | undefined,
): Promise<ChangePlan<{ embedded: number; withoutCrop: { person: string; template: string }[] }>> {
  const { rule } = facenet;
  const templates: StoredTemplate[] = [];
  const rest: StoredTemplate[] = [];
  for (const template of contents.templates.values()) {
    if (template.model === rule.model) continue;
    if (!contents.crops.has(template.id)) {
      rest.push(template);
      continue;
    }
    const made = await facenet.embedCrop(await readCrop(template.id), { signal });
    const embedding = await rotateEmbedding(embeddingOf(made, rule), templateKey);
    templates.push({ ...template, model: made.model, embedding });
  }
  return {
    change: { templates, removeTemplates: removeRest ? rest.map(({ id }) => id) : [] },
    meta: { rule },
    result: () => ({
      embedded: templates.length,
      withoutCrop: rest.map(({ person, id }) => ({ person, template: id })),
    }),
  };
}
