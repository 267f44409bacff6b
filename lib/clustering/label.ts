import type { ComparisonRule } from '../comparison/compare.ts';
import { distances } from '../comparison/distance.ts';
import type { Abortable } from '../core/types.ts';
import { agglomerative } from './agglomerative.ts';
import { type CannotLink, removeCannotLinks } from './cannot-link.ts';
import { chineseWhispers } from './chinese-whispers.ts';
import { type LinkedNodes, linkNeighbours } from './graph.ts';

/** How faces are clustered. */
export interface Clustering extends Abortable {
  rule: ComparisonRule;
  method: 'chinese-whispers' | 'agglomerative';
  /** The distance within which two faces are linked. */
  within: number;
  /** The labels of the first faces, which they keep. Chinese Whispers only. */
  known: readonly number[];
  cannotLink: CannotLink;
  seed: number;
}

/** A label for each face, the same for faces of one cluster. Compares every pair of faces. */
export async function labelByAllPairs(
  embeddings: readonly Float32Array[],
  clustering: Clustering,
): Promise<readonly number[]> {
  const { rule, within, known, signal } = clustering;
  const links = await linkNeighbours(embeddings, within, rule.metric, known.length, signal);
  const distance = distances[rule.metric];
  const distanceOf = (a: number, b: number) => distance(embeddings[a] as Float32Array, embeddings[b] as Float32Array);
  return labelLinked(links, distanceOf, clustering);
}

/** Labels faces by their links. */
export async function labelLinked(
  links: LinkedNodes,
  distanceOf: (a: number, b: number) => number,
  { method, within, known, cannotLink, seed, signal }: Clustering,
): Promise<number[]> {
  await removeCannotLinks(links, cannotLink, signal);
  if (method === 'agglomerative') return agglomerative(links, within, distanceOf, { cannotLink, signal });
  return chineseWhispers(links, within, { known, cannotLink, seed, signal });
}
