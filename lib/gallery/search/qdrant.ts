import { requireFinite } from '../../comparison/compare.ts';
import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { checkedSearch } from './results.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/**
 * The methods of Qdrant's client that {@link QdrantIndex} calls. `new QdrantClient({ url, apiKey })` of
 * `@qdrant/js-client-rest` implements it. The caller passes the client, so the library neither depends on it nor opens
 * connections of its own.
 */
export interface QdrantLike {
  /**
   * Adds or replaces points.
   *
   * @param collection the name of the collection.
   * @param points the points, and whether to wait until they can be searched.
   */
  upsert(
    collection: string,
    points: { wait: boolean; points: { id: string; vector: number[]; payload: Record<string, unknown> }[] },
  ): Promise<unknown>;
  /**
   * Deletes points.
   *
   * @param collection the name of the collection.
   * @param selector the ids of the points, and whether to wait until they are deleted.
   */
  delete(collection: string, selector: { wait: boolean; points: string[] }): Promise<unknown>;
  /**
   * Searches for the nearest points.
   *
   * @param collection the name of the collection.
   * @param query the vector, the maximum number of points, and with the distance Euclid the maximum distance as `score_threshold`.
   */
  query(
    collection: string,
    query: { query: number[]; limit: number; score_threshold?: number; with_payload: boolean },
  ): Promise<{
    points: { id: string | number; score: number; payload?: Record<string, unknown> | null | undefined }[];
  }>;
  /**
   * Counts points.
   *
   * @param collection the name of the collection.
   * @param options whether the number must be exact.
   */
  count(collection: string, options: { exact: boolean }): Promise<{ count: number }>;
}

/**
 * A {@link VectorIndex} in a Qdrant database, for galleries that are too large for a browser. It sends embeddings and
 * ids, never images, names or metadata. Embeddings are biometric data: store rotated ones ({@link Rotation}), and put a
 * server that authenticates users in front of the database.
 *
 * The collection needs `{ size: dimension, distance: 'Euclid' }`, and the ids of faces must be UUIDs, like a gallery's.
 * Qdrant's search is approximate unless the collection is small or indexing is off.
 *
 * @example
 * const client = new QdrantClient({ url: 'https://faces.example/qdrant' }); // of @qdrant/js-client-rest
 * const index = new QdrantIndex(client, 'staff');
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: face.embedding }]);
 * const { candidates } = await identifyIn(index, probe.embedding, facenet.rule);
 */
export class QdrantIndex implements VectorIndex {
  readonly #client: QdrantLike;
  readonly #collection: string;

  /**
   * @param client a client of `@qdrant/js-client-rest`, or another implementation of its methods.
   * @param collection the name of an existing collection.
   */
  constructor(client: QdrantLike, collection: string) {
    this.#client = client;
    this.#collection = collection;
  }

  /** The number of enrolled faces in the collection, queried from the database. */
  get size(): Promise<number> {
    return this.#client.count(this.#collection, { exact: true }).then(({ count }) => count);
  }

  /**
   * Adds or replaces enrolled faces.
   *
   * @param entries the faces, each with its id and its person's, and an embedding of the model that the index is for.
   * @throws {FaceNetError} `option-invalid` for an embedding that is not finite.
   */
  async add(entries: readonly IndexEntry[]): Promise<void> {
    for (const { embedding } of entries) requireFinite(embedding);
    const points = entries.map(({ id, person, embedding }) => ({ id, vector: [...embedding], payload: { person } }));
    await this.#client.upsert(this.#collection, { wait: true, points });
  }

  /**
   * Removes enrolled faces. Unknown ids are ignored.
   *
   * @param ids the ids of the enrolled faces.
   */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#client.delete(this.#collection, { wait: true, points: [...ids] });
  }

  /**
   * Finds the nearest enrolled faces.
   *
   * @param probe the embedding to search for, rotated if those in the index are.
   * @param options the maximum number and distance of the neighbours, and a signal that cancels the call.
   * @returns the neighbours, nearest first.
   * @throws {FaceNetError} `option-invalid`; `gallery-corrupt` if the collection holds points that this class did not write.
   */
  async search(probe: Float32Array, options: SearchOptions = {}): Promise<Neighbour[]> {
    const { limit, within } = checkedSearch(options);
    requireFinite(probe);
    const answer = this.#client.query(this.#collection, {
      query: [...probe],
      limit,
      // With the metric Euclid, Qdrant's score is the distance and the threshold its upper bound.
      ...(Number.isFinite(within) && { score_threshold: within }),
      with_payload: true,
    });
    const { points } = await abortable(answer, options.signal);
    const found = points.map(({ id, score, payload }) => {
      if (typeof payload?.person !== 'string') {
        throw new FaceNetError(
          'gallery-corrupt',
          `The point ${id} has no person: use a collection that only QdrantIndex writes to.`,
        );
      }
      return { id: String(id), person: payload.person, distance: score };
    });
    // Qdrant does not know an infinite threshold.
    return found.filter(({ distance }) => distance <= within);
  }
}
