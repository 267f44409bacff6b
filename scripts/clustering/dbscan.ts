import type { Graph } from '../../lib/clustering/graph.ts';

/**
 * DBSCAN, a common method for faces, as a baseline. Noise becomes clusters of one face. (Ester et al., KDD 1996)
 *
 * @param graph links every two faces within the radius.
 * @param minPoints the minimum number of faces within the radius of a core point, with itself.
 * @returns a label for each face.
 */
export function dbscan(graph: Graph, minPoints: number): number[] {
  const labels = Array.from({ length: graph.size }, (_, node) => -1 - node);
  const isCore = (node: number) => graph.degree(node) + 1 >= minPoints;
  let cluster = 0;
  for (let start = 0; start < graph.size; start++) {
    if ((labels[start] as number) >= 0 || !isCore(start)) continue;
    const open = [start];
    labels[start] = cluster;
    while (open.length > 0) {
      const node = open.pop() as number;
      if (!isCore(node)) continue;
      graph.forEach(node, (other) => {
        if ((labels[other] as number) >= 0) return;
        labels[other] = cluster;
        open.push(other);
      });
    }
    cluster++;
  }
  return labels;
}
