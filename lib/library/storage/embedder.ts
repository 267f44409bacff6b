import type { EmbedderIdentity } from '../../core/types.ts';

/** What computes embeddings. */
export type Embedder = EmbedderIdentity & { model: string };

/** Whether embeddings of both are comparable. */
export function isSameEmbedder(a: Embedder, b: Embedder): boolean {
  return a.model === b.model && a.template === b.template && a.sha256.join() === b.sha256.join();
}

/** Whether an embedder of the library computed the embedding of a face. @param generation see {@link MetaRow.generation}. */
export function isEmbeddedBy(generation: number, face: { generation?: number }): boolean {
  return (face.generation ?? 0) === generation;
}

/** Whether a face has an embedding. One without, whose crop an update lacked, has zeros. */
export function isEmbedded(embedding: Float32Array): boolean {
  return embedding.some((value) => value !== 0);
}
