/** An enrolled face in an index. */
export interface IndexEntry {
  /** The id of the enrolled face. Adding an id that the index has replaces the entry. */
  id: string;
  /** The id of the person. */
  person: string;
  /** The embedding, of the length and model that the index is for. */
  embedding: Float32Array;
}

/** A search result. */
export interface Neighbour {
  /** The id of the enrolled face. */
  id: string;
  /** The id of the person. */
  person: string;
  /** The distance to the probe, in the metric of the index. */
  distance: number;
}

/** Options of {@link VectorIndex.search}. */
export interface SearchOptions {
  /** The maximum number of neighbours, 1 or more. @default 10 */
  limit?: number;
  /** The maximum distance of a neighbour. Default: no limit. */
  within?: number;
  /** Aborts the call, which then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

/**
 * A nearest-neighbour search over enrolled faces. It is asynchronous, so that an index can be on a server. The indexes of
 * this library that run in the page are exact.
 */
export interface VectorIndex {
  /** The number of enrolled faces in the index. */
  readonly size: number | Promise<number>;
  /**
   * Adds or replaces enrolled faces.
   *
   * @param entries the faces, each with its id and its person's.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another length.
   */
  add(entries: readonly IndexEntry[]): Promise<void>;
  /**
   * Removes enrolled faces. Unknown ids are ignored.
   *
   * @param ids the ids of the enrolled faces.
   */
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Finds the nearest enrolled faces.
   *
   * @param probe the embedding to search for.
   * @param options the maximum number and distance of the neighbours, and a signal that cancels the call.
   * @returns the neighbours, nearest first; ties in the order of addition.
   */
  search(probe: Float32Array, options?: SearchOptions): Promise<Neighbour[]>;
}
