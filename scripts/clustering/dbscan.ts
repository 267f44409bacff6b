import type { Graph } from '../../lib/clustering/graph.ts';

/**
 * DBSCAN, a common method for faces, as a baseline. Noise becomes clusters of one face. (Ester et al., KDD 1996)
 *
 * @param graph links every two faces within the radius.
 * @param minPoints the minimum number of faces within the radius of a core point, with itself.
 * @returns a label for each face.
 */
export function dbscan(graph: Graph, minPoints: number): number[] {
  const labels = graph.map((_, i) => -1 - i);
  const isCore = (i: number) => (graph[i]?.length ?? 0) + 1 >= minPoints;
  let cluster = 0;
  graph.forEach((_, start) => {
    if ((labels[start] as number) >= 0 || !isCore(start)) return;
    const open = [start];
    labels[start] = cluster;
    while (open.length > 0) {
      const node = open.pop() as number;
      if (!isCore(node)) continue;
      for (const { to } of graph[node] ?? []) {
        if ((labels[to] as number) >= 0) continue;
        labels[to] = cluster;
        open.push(to);
      }
    }
    cluster++;
  });
  return labels;
}
