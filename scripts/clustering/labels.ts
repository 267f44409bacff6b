import type { Cluster, ClusterOptions } from '../../lib/clustering/cluster.ts';
import type { ClusteringScore } from '../../lib/evaluation/clustering.ts';

/** The methods of the library, as the tables name them. */
export const methodTitles: Record<NonNullable<ClusterOptions['method']>, string> = {
  'chinese-whispers': 'Chinese Whispers',
  agglomerative: 'average linkage',
};

/** A method of the library. */
export type LibraryMethod = keyof typeof methodTitles;

/** The methods of the library. */
export const libraryMethods = Object.keys(methodTitles) as LibraryMethod[];

/** A row of a table of BCubed scores. */
export function bCubedRow(
  method: LibraryMethod,
  far: number,
  photos: string,
  { precision, recall, f }: ClusteringScore,
): string {
  const numbers = [precision, recall, f].map((value) => value.toFixed(3));
  return `| ${[methodTitles[method], far.toFixed(5).replace(/0+$/, ''), photos, ...numbers].join(' | ')} |`;
}

/** The cluster of each face. */
export function labelsOf(clusters: readonly Cluster[]): number[] {
  const labels: number[] = [];
  clusters.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  return labels;
}
