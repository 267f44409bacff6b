import type { Graph } from '../../lib/clustering/graph.ts';

/**
 * DBSCAN, the customary way to cluster faces, to stand beside the library's methods; noise is left alone. (Ester et al., KDD
 * 1996)
 *
 * @param graph links every two faces within the radius.
 * @param minimum how many faces a core has around it at least, itself counted.
 * @returns a label for each face.
 */
export function dbscan(graph: Graph, minimum: number): number[] {
  const labels = graph.map((_, i) => -1 - i);
  const isCore = (i: number) => (graph[i]?.length ?? 0) + 1 >= minimum;
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
