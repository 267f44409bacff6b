/** How well clusters agree with the people in them. */
export interface ClusteringScore {
  /** How pure the clusters are, 0 to 1. */
  precision: number;
  /** How complete the people are within a cluster, 0 to 1. */
  recall: number;
  /** The harmonic mean of both, 0 to 1. */
  f: number;
}

/**
 * Pairwise precision and recall: the share of pairs within clusters that are of the same person, and the share of pairs
 * of the same person that are within a cluster. Each is 1 if there is no such pair. (Amigó et al., "A comparison of
 * extrinsic clustering evaluation metrics", Information Retrieval 12, 2009, section 3.2)
 *
 * @param labels the cluster of each face.
 * @param truth the person of each face.
 *
 * @example
 * const { precision, recall } = pairwiseScore([1, 1, 2], ['Ada', 'Ada', 'Ada']);
 * show(precision, recall); // 1, and 1/3
 */
export function pairwiseScore(labels: readonly unknown[], truth: readonly unknown[]): ClusteringScore {
  const pairs = (sizes: Iterable<number>) => [...sizes].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const { clusters, people, overlaps } = tally(labels, truth);
  const both = pairs(overlaps.flatMap((row) => [...row.values()]));
  const share = (all: number) => (all === 0 ? 1 : both / all);
  return withF(share(pairs(clusters.values())), share(pairs(people.values())));
}

/**
 * BCubed precision and recall: the means over all faces of the share of the face's cluster that is of its person, and
 * of the share of its person's faces that are in its cluster. (Bagga and Baldwin, "Entity-Based Cross-Document
 * Coreferencing", 1998; Amigó et al., 2009, section 4)
 *
 * @param labels the cluster of each face, at least one.
 * @param truth the person of each face.
 *
 * @example
 * const { precision, recall } = bCubedScore([1, 1, 2], ['Ada', 'Ada', 'Ada']);
 * show(precision, recall); // 1, and 5/9
 */
export function bCubedScore(labels: readonly unknown[], truth: readonly unknown[]): ClusteringScore {
  const { clusters, people, overlaps } = tally(labels, truth);
  const clusterSizes = [...clusters.values()];
  let [precision, recall] = [0, 0];
  overlaps.forEach((row, cluster) => {
    for (const [person, both] of row) {
      // Each of the `both` faces contributes both / size.
      precision += both ** 2 / (clusterSizes[cluster] as number);
      recall += both ** 2 / (people.get(person) as number);
    }
  });
  return withF(precision / labels.length, recall / labels.length);
}

/** The sizes of clusters and people, and for each cluster its number of faces of each person. */
function tally(labels: readonly unknown[], truth: readonly unknown[]) {
  const clusters = new Map<unknown, number>();
  const people = new Map<unknown, number>();
  const rows = new Map<unknown, Map<unknown, number>>();
  labels.forEach((label, i) => {
    const person = truth[i];
    clusters.set(label, (clusters.get(label) ?? 0) + 1);
    people.set(person, (people.get(person) ?? 0) + 1);
    const row = rows.get(label) ?? new Map<unknown, number>();
    row.set(person, (row.get(person) ?? 0) + 1);
    rows.set(label, row);
  });
  return { clusters, people, overlaps: [...rows.values()] };
}

function withF(precision: number, recall: number): ClusteringScore {
  return { precision, recall, f: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}
