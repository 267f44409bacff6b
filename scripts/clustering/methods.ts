import { type ClusterOptions, clusterFaces } from '../../lib/clustering/cluster.ts';
import { linkNeighbours } from '../../lib/clustering/graph.ts';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore, type ClusteringScore, pairwiseScore } from '../../lib/evaluation/clustering.ts';
import type { PersonPhoto } from '../kit/lfw/people.ts';
import { SyntheticEmbeddings } from '../kit/synthetic-embeddings.ts';
import { dbscan } from './dbscan.ts';
import { labelsOf } from './labels.ts';

/** Faces, and the person of each. */
export interface LabelledFaces {
  faces: { embedding: Float32Array; model: string }[];
  people: string[];
}

/** How the faces near each face are found. DBSCAN compares all pairs. */
export type Neighbours = NonNullable<ClusterOptions['neighbours']>;

export type Method = NonNullable<ClusterOptions['method']> | 'dbscan';

export const methods = ['chinese-whispers', 'agglomerative', 'dbscan'] as const satisfies readonly Method[];

/** The false-accept rates to choose from: every one that the calibrations have a threshold for, except the highest. */
export const rates = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** The score of a method at a false-accept rate. */
export interface MethodScore {
  method: Method;
  far: number;
  clusters: number;
  pairwise: ClusteringScore;
  bCubed: ClusteringScore;
}

/** The scores of each method at each rate. */
export async function scoreMethods({ faces, people }: LabelledFaces, rule: ComparisonRule): Promise<MethodScore[]> {
  const scores: MethodScore[] = [];
  for (const method of methods) {
    for (const far of rates) {
      const labels = await clusterLabels(faces, rule, { method, far });
      const [pairwise, bCubed] = [pairwiseScore(labels, people), bCubedScore(labels, people)];
      scores.push({ method, far, clusters: new Set(labels).size, pairwise, bCubed });
    }
  }
  return scores;
}

/** The cluster of each face. */
export async function clusterLabels(
  faces: LabelledFaces['faces'],
  rule: ComparisonRule,
  { method, far, neighbours = 'exact' }: { method: Method; far: number; neighbours?: Neighbours },
): Promise<number[]> {
  if (method !== 'dbscan') return labelsOf(await clusterFaces(faces, { rule }, { method, far, neighbours }));
  const embeddings = faces.map(({ embedding }) => embedding);
  return dbscan(await linkNeighbours(embeddings, thresholdFor(far, rule.calibration), rule.metric), 2);
}

export function labelledFaces(photos: readonly PersonPhoto[], { model }: ComparisonRule): LabelledFaces {
  return {
    faces: photos.map(({ embedding }) => ({ embedding, model })),
    people: photos.map(({ person }) => person),
  };
}

/** The number of synthetic faces of each person. */
const facesPerPerson = 5;

/** Synthetic faces, five of each person. */
export function syntheticFaces(count: number, { model, dimension }: ComparisonRule): LabelledFaces {
  const synthetic = new SyntheticEmbeddings(dimension);
  const first = Array.from({ length: Math.ceil(count / facesPerPerson) }, () => synthetic.newPerson());
  const people = syntheticPeople(count);
  const faces = people.map((i) => ({ embedding: synthetic.samePerson(first[Number(i)] as Float32Array), model }));
  return { faces, people };
}

/** The person of each synthetic face. */
export function syntheticPeople(count: number): string[] {
  const people = Math.ceil(count / facesPerPerson);
  return Array.from({ length: count }, (_, i) => `${i % people}`);
}
