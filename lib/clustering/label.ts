import { type ComparisonRule, requireUnitLength } from '../comparison/compare.ts';
import { distances } from '../comparison/distance.ts';
import type { Abortable } from '../core/types.ts';
import { FaceGraph } from '../neighbours/face-graph.ts';
import { agglomerative } from './agglomerative.ts';
import { type CannotLink, removeCannotLinks } from './cannot-link.ts';
import { chineseWhispers } from './chinese-whispers.ts';
import { type LinkedNodes, linkNeighbours } from './graph.ts';
import { joinCrowded } from './join-crowded.ts';
import { ListedLinks } from './listed-links.ts';

/** How faces are clustered. */
interface Clustering extends Abortable {
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

/** The same by an approximate graph of the nearest neighbours. @throws {FaceNetError} `model-mismatch` for a vector that is not of length 1. */
export async function labelByNeighbours(
  embeddings: readonly Float32Array[],
  clustering: Clustering,
): Promise<readonly number[]> {
  const { rule, within, known, cannotLink, signal } = clustering;
  // The graph's distances are of vectors of length 1.
  for (const embedding of embeddings) requireUnitLength(embedding);
  const graph = new FaceGraph(rule.dimension, rule.metric, within);
  await graph.addAll(embeddings, signal);
  const faces = [...embeddings.keys()];
  const links = await ListedLinks.among(graph.lists, faces, within, signal);
  const labels = await labelLinked(links, (a, b) => graph.distance(a, b), clustering);
  return joinCrowded(graph, { faces, labels, known: known.length, cannotLink }, clustering);
}

async function labelLinked(
  links: LinkedNodes,
  distanceOf: (a: number, b: number) => number,
  { method, within, known, cannotLink, seed, signal }: Clustering,
): Promise<number[]> {
  await removeCannotLinks(links, cannotLink, signal);
  if (method === 'agglomerative') return agglomerative(links, within, distanceOf, { cannotLink, signal });
  return chineseWhispers(links, within, { known, cannotLink, seed, signal });
}
