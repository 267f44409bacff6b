import type { ComparisonRule } from '../../comparison/compare.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { LibrarySession } from './session.ts';

/** @throws {FaceNetError} `model-mismatch` if embeddings are of several embedders, because an update was stopped. */
export function requireOneEmbedder({ meta }: LibrarySession): void {
  if (meta.updating) throw new FaceNetError('model-mismatch', 'An update of the library has not ended: call update().');
}

/** @throws {FaceNetError} `model-mismatch` if the library's embeddings are of another embedder than the FaceNet's. */
export function requireModel(session: LibrarySession): void {
  requireOneEmbedder(session);
  const { outdated, rule, options } = session;
  if (!outdated) return;
  const { model } = rule;
  throw new FaceNetError(
    'model-mismatch',
    `The library's embeddings are of "${model}", but "${options.facenet.rule.model}" or another version is in use: call update(), or use FaceNet.load({ embedder: "${model}" }).`,
  );
}

/** @throws {FaceNetError} `model-mismatch` if an embedding is of another model, because the FaceNet has changed since it began. */
export function requireEmbeddingsOf(
  { model, dimension }: ComparisonRule,
  faces: readonly { model: string; embedding: Float32Array }[],
): void {
  const other = faces.find((face) => face.model !== model || face.embedding.length !== dimension);
  if (!other) return;
  throw new FaceNetError(
    'model-mismatch',
    `The FaceNet changed meanwhile: an embedding is of "${other.model}" with ${other.embedding.length} values, but "${model}" has ${dimension}. Call add() again, or update() if library.outdated.`,
  );
}
