/** Clusters faces in a worker, so that thousands of them do not block the page. */
import type { ComparisonRule } from 'facenet-web';
import { type Cluster, clusterFaces } from 'facenet-web/clustering';

/** A request to the worker. */
export interface ClusteringRequest {
  id: number;
  rule: ComparisonRule;
  /** All embeddings, concatenated. */
  embeddings: Float32Array;
  qualities: Float32Array;
  /** The index of each face's photo. */
  photos: Uint32Array;
  known: Cluster[];
}

/** The response to the request with the same id. */
export type ClusteringResponse = { id: number; clusters: Cluster[] } | { id: number; error: string };

addEventListener('message', async ({ data }: MessageEvent<ClusteringRequest>) => {
  const { id, rule, embeddings, qualities, photos, known } = data;
  const faces = Array.from(qualities, (overall, i) => ({
    embedding: embeddings.subarray(i * rule.dimension, (i + 1) * rule.dimension),
    model: rule.model,
    quality: { overall },
    photo: photos[i],
  }));
  try {
    respond({ id, clusters: await clusterFaces(faces, { rule }, { known }) });
  } catch (error) {
    respond({ id, error: error instanceof Error ? error.message : String(error) });
  }
});

function respond(message: ClusteringResponse): void {
  postMessage(message);
}
