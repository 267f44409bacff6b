import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Store } from '../storage/store.ts';
import type { FaceGraph } from './face-graph.ts';

/** The number of faces to read at once. */
const batchSize = 1000;

/**
 * Adds the faces to a graph that it lacks: those of its blocks with their embeddings only, later ones with new links.
 *
 * @param graphed the number of faces whose links are in the graph's blocks.
 * @throws {FaceNetError} `library-corrupt` if a face is missing.
 */
export async function extendGraph(
  store: Store,
  graph: FaceGraph,
  graphed: number,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const faces = await store.list('faces', { from: graph.size, limit: batchSize });
    if (faces.length === 0) return;
    for (const { number, embedding } of faces) {
      if (number !== graph.size) {
        throw new FaceNetError(
          'library-corrupt',
          `The face ${graph.size} of the library is missing: erase the library, and import an export or add the photos again.`,
        );
      }
      if (number < graphed) graph.restore(embedding);
      else graph.add(embedding);
      await yieldToEventLoop(signal);
    }
  }
}
