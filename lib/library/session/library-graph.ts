import { thresholdFor } from '../../comparison/calibration.ts';
import { abortable, withAnySignal } from '../../core/cancellation.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { Calibration } from '../../core/types.ts';
import { FaceGraph, type GraphBlock } from '../../neighbours/face-graph.ts';
import type { Store } from '../storage/store.ts';
import type { MetaRow } from '../storage/tables.ts';
import { extendGraph, relinkFaces } from './load-graph.ts';

/** The false-accept rate of the longest links of the graph, which questions need. */
const questionFar = 1e-2;

/** The number of blocks of the graph to read at once: 3 MB. */
const blocksPerRead = 8;

/** Up to this number of faces that are not linked yet the graph is used without being read before. Linking them takes a quarter of a second. */
const maxUnlinked = 500;

/** The largest distance of two faces that the graph links. */
export function maxLinkDistance(calibration: Calibration): number {
  return thresholdFor(questionFar, calibration);
}

/** The neighbour graph of a library's faces, read when it is needed. */
export class LibraryGraph {
  readonly #store: Store;
  readonly #queue = new SerialQueue();
  /** `linked`: the number of faces whose links were in the stored blocks. `isComplete`: whether all faces were read once. */
  #loaded: { graph: FaceGraph; generation: number; linked: number; isComplete: boolean } | undefined;
  /** The faces whose embeddings were replaced since they were linked. */
  #replaced = new Set<number>();
  /** Its signal stops reading. */
  #stopping = new AbortController();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The graph with all stored faces. The first call for an embedder reads all embeddings. @param meta the present record. */
  async load(meta: () => MetaRow, signal?: AbortSignal): Promise<FaceGraph> {
    for (;;) {
      const stop = this.#stopping.signal;
      try {
        const loading = this.#queue.run(() => withAnySignal([signal, stop], (either) => this.#load(meta, either)));
        // An abort also ends the wait for another call that reads it.
        return await abortable(loading, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!stop.aborted) throw error;
      }
    }
  }

  /** Notes that embeddings were replaced, and are stored. */
  relink(faces: readonly number[]): void {
    for (const face of faces) this.#replaced.add(face);
  }

  /** Reads the graph again at its next use. A call that reads it at present begins again. */
  reset(): Promise<void> {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    return this.#queue.run(async () => this.clear());
  }

  async #load(meta: () => MetaRow, signal: AbortSignal): Promise<FaceGraph> {
    signal.throwIfAborted();
    const { rule, graphed, generation = 0, relinked } = meta();
    const { dimension, metric, calibration } = rule;
    if (this.#loaded?.generation !== generation) {
      // The stored blocks link these by their former embeddings.
      this.#replaced = new Set(relinked);
      const parameters = { dimension, metric, maxDistance: maxLinkDistance(calibration) };
      const graph = await FaceGraph.fromBlocks(storedBlocks(this.#store), graphed, parameters, signal);
      // None if the blocks were removed meanwhile.
      this.#loaded = { graph, generation, linked: graph.lists.size, isComplete: false };
    }
    const loaded = this.#loaded;
    const { graph, linked } = loaded;
    await extendGraph(this.#store, graph, { dimension, linked, generation }, signal);
    const replaced = [...this.#replaced];
    // Others may be replaced meanwhile, or these once more.
    this.#replaced.clear();
    try {
      await relinkFaces(this.#store, graph, { faces: replaced, dimension, generation }, signal);
    } catch (error) {
      this.relink(replaced);
      throw error;
    }
    loaded.isComplete = true;
    return graph;
  }

  /** Whether its next use takes a moment, because it lacks few faces. @param faces the number of faces of the library. */
  isLoaded(faces: number): boolean {
    const { graph, isComplete = false } = this.#loaded ?? {};
    return isComplete && faces - (graph?.size ?? 0) + this.#replaced.size <= maxUnlinked;
  }

  /** Frees the memory. */
  clear(): void {
    this.#loaded = undefined;
  }
}

/** The blocks of the stored graph, a few at once. */
async function* storedBlocks(store: Store): AsyncIterable<GraphBlock> {
  for (let from = 0; ; from += blocksPerRead) {
    const blocks = await store.list('graph', { from, limit: blocksPerRead });
    yield* blocks;
    if (blocks.length < blocksPerRead) return;
  }
}
