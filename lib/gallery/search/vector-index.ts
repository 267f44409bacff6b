/** An embedding in an index: whose it is, and which of the person's templates. */
export interface IndexEntry {
  /** The template's id; adding one that is there already replaces it. */
  id: string;
  /** The id of the person whose template it is. */
  person: string;
  embedding: Float32Array;
}

/** A template that a search found. */
export interface Neighbour {
  /** The template's id. */
  id: string;
  /** The id of the person whose template it is. */
  person: string;
  /** The distance to the probe, in the index's metric. */
  distance: number;
}

/** What to search for. */
export interface SearchOptions {
  /** The most neighbours to return, 1 or more. Default: 10. */
  limit?: number;
  /** The largest distance that a neighbour may have. Default: no limit. */
  within?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Finds the nearest templates to a probe. It is asynchronous, so that an index may live on a server; those of this library
 * that live in the page are exact: they answer what comparing the probe with every template would.
 */
export interface VectorIndex {
  /** How many templates the index holds. */
  readonly size: number | Promise<number>;
  /** @throws {FaceNetError} `model-mismatch` for an embedding of another length than the index's. */
  add(entries: readonly IndexEntry[]): Promise<void>;
  /** Removes templates by their ids; one that is not there is passed over. */
  remove(ids: readonly string[]): Promise<void>;
  /** The nearest templates, nearest first; of two at one distance the one added earlier. */
  search(probe: Float32Array, options?: SearchOptions): Promise<Neighbour[]>;
}
