import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './vector-index.ts';

/**
 * The methods of Qdrant's client that {@link QdrantIndex} calls. `new QdrantClient({ url, apiKey })` of
 * `@qdrant/js-client-rest` implements it. The caller passes the client, so the library neither depends on it nor opens
 * connections of its own.
 */
export interface QdrantLike {
  upsert(
    collection: string,
    points: { wait: boolean; points: { id: string; vector: number[]; payload: Record<string, unknown> }[] },
  ): Promise<unknown>;
  delete(collection: string, selector: { wait: boolean; points: string[] }): Promise<unknown>;
  query(
    collection: string,
    query: { query: number[]; limit: number; score_threshold?: number; with_payload: boolean },
  ): Promise<{
    points: { id: string | number; score: number; payload?: Record<string, unknown> | null | undefined }[];
  }>;
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

  /** @param collection the name of an existing collection. */
  constructor(client: QdrantLike, collection: string) {
    this.#client = client;
    this.#collection = collection;
  }

  /** The number of enrolled faces in the collection, queried from the database. */
  get size(): Promise<number> {
    return this.#client.count(this.#collection, { exact: true }).then(({ count }) => count);
  }

  async add(entries: readonly IndexEntry[]): Promise<void> {
    const points = entries.map(({ id, person, embedding }) => ({ id, vector: [...embedding], payload: { person } }));
    await this.#client.upsert(this.#collection, { wait: true, points });
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#client.delete(this.#collection, { wait: true, points: [...ids] });
  }

  /** @throws {FaceNetError} `gallery-corrupt` if the collection holds points that this class did not write. */
  async search(probe: Float32Array, options: SearchOptions = {}): Promise<Neighbour[]> {
    const { limit = 10, within, signal } = checkedOptions(options, { limit: true, within: true });
    signal?.throwIfAborted();
    const { points } = await this.#client.query(this.#collection, {
      query: [...probe],
      limit,
      // With the metric Euclid, Qdrant's score is the distance and the threshold its upper bound.
      ...(within !== undefined && Number.isFinite(within) && { score_threshold: within }),
      with_payload: true,
    });
    signal?.throwIfAborted();
    return points.map(({ id, score, payload }) => {
      if (typeof payload?.person !== 'string') {
        throw new FaceNetError(
          'gallery-corrupt',
          `The point ${id} has no person: use a collection that only QdrantIndex writes to.`,
        );
      }
      return { id: String(id), person: payload.person, distance: score };
    });
  }
}
