import { thresholdFor } from '../../comparison/calibration.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { Calibration } from '../../core/types.ts';
import { FaceGraph } from '../neighbours/face-graph.ts';
import { extendGraph } from '../neighbours/load-graph.ts';
import type { Store } from '../storage/store.ts';
import type { MetaRow } from '../storage/tables.ts';

/** The false-accept rate of the longest links of the graph, which questions need. */
const questionFar = 1e-2;

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

  constructor(store: Store) {
    this.#store = store;
  }

  /** The graph with all stored faces. The first call for an embedder reads all embeddings. @param meta the present record. */
  load(meta: () => MetaRow, signal?: AbortSignal): Promise<FaceGraph> {
    return this.#queue.run(async () => {
      const { rule, graphed, generation = 0 } = meta();
      const { dimension, metric, calibration } = rule;
      if (this.#loaded?.generation !== generation) {
        const parameters = { dimension, metric, maxDistance: maxLinkDistance(calibration) };
        const graph = await FaceGraph.fromBlocks(await this.#store.list('graph'), graphed, parameters, signal);
        // Fewer than `graphed` if the blocks were removed meanwhile.
        this.#loaded = { graph, generation, linked: graph.lists.size, isComplete: false };
      }
      const loaded = this.#loaded;
      const { graph, linked } = loaded;
      await extendGraph(this.#store, graph, { dimension, linked, generation }, signal);
      loaded.isComplete = true;
      return graph;
    });
  }

  /** Reads the graph again at its next use. A call that reads it at present does not bring the former one back. */
  reset(): Promise<void> {
    return this.#queue.run(async () => this.clear());
  }

  /** Whether its next use reads only faces that were added since. */
  get isLoaded(): boolean {
    return this.#loaded?.isComplete ?? false;
  }

  /** Frees the memory. */
  clear(): void {
    this.#loaded = undefined;
  }
}
