import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import { isComparable } from './dimensions.ts';
import type { StoredTemplate } from './records.ts';
import type { ModelCounts } from './types.ts';

/**
 * Counts the enrolled faces of each model.
 *
 * @param crops the ids of the enrolled faces that have a crop.
 * @param rule how the gallery compares embeddings.
 * @returns the current model first, the others by their number of enrolled faces.
 */
export function countModels(
  templates: readonly StoredTemplate[],
  crops: ReadonlySet<string>,
  rule: ComparisonRule,
): ModelCounts[] {
  const counts = new Map<string, ModelCounts>();
  for (const template of templates) {
    const { id, model } = template;
    const current = isComparable(template, rule);
    const key = `${current} ${model}`;
    const known = counts.get(key) ?? { model, current, faces: 0, crops: 0 };
    counts.set(key, {
      ...known,
      faces: known.faces + 1,
      crops: known.crops + (crops.has(id) ? 1 : 0),
    });
  }
  return [...counts.values()].sort((a, b) => Number(b.current) - Number(a.current) || b.faces - a.faces);
}

/**
 * Checks that a model made the embeddings of all enrolled faces.
 *
 * @param counts the gallery's enrolled faces by model.
 * @param current the model that the gallery compares with.
 * @throws {FaceNetError} `model-mismatch`, with the numbers of the other faces and what to do.
 */
export function requireModel(model: string, counts: readonly ModelCounts[], current: string): void {
  const others = counts.filter((each) => each.model !== model || each.current !== (model === current));
  if (others.length === 0) return;
  // With one model in the gallery, a FaceNet of that model can use it unchanged.
  const isOnly = counts.length === 1 && counts[0]?.model !== model;
  const unchanged = isOnly ? `, or use FaceNet.load({ embedder: "${counts[0]?.model}" })` : '';
  throw new FaceNetError(
    'model-mismatch',
    `${describeOthers(others, counts, current)}, not of "${model}": call reembed(facenet), with { removeRest: true } to remove the enrolled faces that cannot be embedded again${unchanged}.`,
  );
}

/**
 * States how many enrolled faces are of other models and how many of them have a crop.
 *
 * @param others the counts of the other models, at least one.
 * @param all the counts of all models.
 * @param current the model that the gallery compares with.
 */
export function describeOthers(others: readonly ModelCounts[], all: readonly ModelCounts[], current: string): string {
  const sum = (counts: readonly ModelCounts[], key: 'faces' | 'crops') =>
    counts.reduce((total, each) => total + each[key], 0);
  const nameOf = (each: ModelCounts) =>
    each.model === current && !each.current ? `"${current}" with another number of elements` : `"${each.model}"`;
  const names = others.map(nameOf).join(' and ');
  return `${sum(others, 'faces')} of ${sum(all, 'faces')} enrolled faces (${sum(others, 'crops')} with a stored crop) are of ${names}`;
}
