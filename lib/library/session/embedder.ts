import type { LibraryFaceNet } from '../model/types.ts';
import type { Embedder } from '../storage/embedder.ts';

/** What computes the embeddings of a FaceNet. */
export function embedderOf({ rule, identity }: Pick<LibraryFaceNet, 'rule' | 'identity'>): Embedder {
  return { model: rule.model, ...identity };
}
