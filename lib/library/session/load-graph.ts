import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { FaceGraph } from '../../neighbours/face-graph.ts';
import { isEmbeddedBy } from '../storage/embedder.ts';
import type { Store } from '../storage/store.ts';
import type { FaceRow } from '../storage/tables.ts';

/** The number of faces to read at once. */
const batchSize = 1000;

/** What the faces of a graph are. */
export interface GraphContents {
  dimension: number;
  /** The number of faces whose links are in the graph's blocks. */
  linked: number;
  /** The embedder of the embeddings, see `MetaRow`. Faces of others get an embedding of zeros, which is near no other. */
  generation: number;
}

/** Links the faces of a graph again whose embeddings were replaced. */
export async function relinkFaces(
  store: Store,
  graph: FaceGraph,
  { faces, ...contents }: Omit<GraphContents, 'linked'> & { faces: readonly number[] },
  signal?: AbortSignal,
): Promise<void> {
  if (faces.length === 0) return;
  const rows = (await store.getAll('faces', faces)).filter((row) => row !== undefined);
  await graph.replace(
    rows.map((row) => ({ number: row.number, embedding: embeddingOf(row, contents) })),
    signal,
  );
}

function embeddingOf(face: FaceRow, { dimension, generation }: Omit<GraphContents, 'linked'>): Float32Array {
  return isEmbeddedBy(generation, face) ? face.embedding : new Float32Array(dimension);
}

/**
 * Adds the faces to a graph that it lacks: those of its blocks with their embeddings only, later ones with new links.
 *
 * @throws {FaceNetError} `library-corrupt` if a face is missing.
 */
export async function extendGraph(
  store: Store,
  graph: FaceGraph,
  { linked, ...contents }: GraphContents,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const faces = await store.list('faces', { from: graph.size, limit: batchSize });
    if (faces.length === 0) return;
    for (const face of faces) {
      const { number } = face;
      const embedding = embeddingOf(face, contents);
      if (number !== graph.size) {
        throw new FaceNetError(
          'library-corrupt',
          `The face ${graph.size} of the library is missing: erase the library, and import an export or add the photos again.`,
        );
      }
      if (number < linked) graph.restore(embedding);
      else graph.add(embedding);
      await yieldToEventLoop(signal);
    }
  }
}
