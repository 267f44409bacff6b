import type { LibraryFaceNet } from '../model/types.ts';
import type { Embedder } from '../storage/tables.ts';

/** What computes the embeddings of a FaceNet. */
export function embedderOf({ rule, identity }: LibraryFaceNet): Embedder {
  return { model: rule.model, ...identity };
}

/** Whether embeddings of both are comparable. */
export function isSameEmbedder(a: Embedder, b: Embedder): boolean {
  return a.model === b.model && a.template === b.template && a.sha256.join() === b.sha256.join();
}
