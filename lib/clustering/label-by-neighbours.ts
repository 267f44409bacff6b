import { requireUnitLength } from '../comparison/compare.ts';
import { FaceGraph } from '../neighbours/face-graph.ts';
import { agglomerative } from './agglomerative.ts';
import { chineseWhispers } from './chinese-whispers.ts';
import { joinCrowded } from './join-crowded.ts';
import { type Clustering, labelLinked } from './label.ts';
import { ListedLinks } from './listed-links.ts';

/**
 * A label for each face, the same for faces of one cluster. Compares each face with its neighbours in an approximate graph.
 *
 * @throws {FaceNetError} `model-mismatch` for a vector that is not of length 1.
 */
export async function labelByNeighbours(
  embeddings: readonly Float32Array[],
  clustering: Clustering,
): Promise<readonly number[]> {
  const { rule, method, within, known, cannotLink, seed, signal } = clustering;
  // The graph's distances are of vectors of length 1.
  for (const embedding of embeddings) requireUnitLength(embedding);
  const graph = new FaceGraph(rule.dimension, rule.metric, within);
  await graph.addAll(embeddings, signal);
  const faces = [...embeddings.keys()];
  const links = await ListedLinks.among(graph.lists, faces, within, signal);
  const distanceOf = (a: number, b: number) => graph.distance(a, b);
  const labels = await labelLinked(links, distanceOf, clustering);
  const averagesAll = method === 'agglomerative';
  return joinCrowded(
    graph,
    { faces, labels, known: known.length, cannotLink },
    {
      ...{ within, averagesAll, signal },
      cluster: (clusterLinks, given) =>
        averagesAll
          ? agglomerative(clusterLinks, within, distanceOf, { ...given, signal })
          : chineseWhispers(clusterLinks, within, { ...given, seed, signal }),
    },
  );
}
