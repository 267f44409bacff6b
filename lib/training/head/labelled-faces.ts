import type { PersonLabel } from '../triplets/triplets.ts';

/** Embeddings with the person of each. */
export interface LabelledFaces {
  vectors: readonly Float32Array[];
  labels: readonly PersonLabel[];
}

/** The faces at the given indices. */
export function pickFaces({ vectors, labels }: LabelledFaces, indices: readonly number[]): LabelledFaces {
  return {
    vectors: indices.map((index) => vectors[index] as Float32Array),
    labels: indices.map((index) => labels[index] as PersonLabel),
  };
}

/** The number of distinct people, and of faces. */
export function countFaces({ labels }: LabelledFaces): { people: number; faces: number } {
  return { people: new Set(labels).size, faces: labels.length };
}
