/** Groups faces away from the page's thread, so that thousands of them do not hold it up. */
import type { ComparisonRule } from 'facenet-web';
import { type Cluster, clusterFaces } from 'facenet-web/clustering';

/** What the worker is asked: all embeddings in one array, one after the other. */
export interface ClusteringRequest {
  id: number;
  rule: ComparisonRule;
  embeddings: Float32Array;
  qualities: Float32Array;
  known: Cluster[];
}

/** What it answers. */
export type ClusteringAnswer = { id: number; clusters: Cluster[] } | { id: number; error: string };

addEventListener('message', async ({ data }: MessageEvent<ClusteringRequest>) => {
  const { id, rule, embeddings, qualities, known } = data;
  const faces = Array.from(qualities, (overall, i) => ({
    embedding: embeddings.subarray(i * rule.dimension, (i + 1) * rule.dimension),
    model: rule.model,
    quality: { overall },
  }));
  try {
    answer({ id, clusters: await clusterFaces(faces, { rule }, { known }) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? error.message : String(error) });
  }
});

function answer(message: ClusteringAnswer): void {
  postMessage(message);
}
