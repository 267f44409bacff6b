import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore, type ClusteringScore } from '../../lib/evaluation/clustering.ts';
import { type Cost, measureCost } from '../kit/cost.ts';
import { clusterLabels, type Method, type Neighbours, syntheticPeople } from './methods.ts';

/** What {@link measureClustering} measures. */
export interface CostOptions {
  rule: ComparisonRule;
  method: Method;
  neighbours: Neighbours;
  far: number;
}

/** The cost of a clustering, and the BCubed score of the groups. */
export type ClusteringCost = Cost<ClusteringScore>;

/** Measures the clustering of synthetic faces. */
export async function measureClustering(
  embeddings: readonly Float32Array[],
  { rule, method, neighbours, far }: CostOptions,
): Promise<ClusteringCost> {
  const faces = embeddings.map((embedding) => ({ embedding, model: rule.model }));
  const { result: labels, ...cost } = await measureCost(() => clusterLabels(faces, rule, { method, far, neighbours }));
  return { ...cost, result: bCubedScore(labels, syntheticPeople(faces.length)) };
}
