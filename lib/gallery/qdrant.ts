import { FaceNetError } from '../core/errors.ts';
import type { IndexEntry, Neighbour, SearchOptions, VectorIndex } from './search/vector-index.ts';

/**
 * What {@link QdrantIndex} calls of Qdrant's own client: `new QdrantClient({ url, apiKey })` of `@qdrant/js-client-rest` is
 * one. It is handed in, so that the library neither depends on it nor opens a connection that nobody asked for.
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
 * A {@link VectorIndex} in a Qdrant database, for galleries that outgrow a browser. It sends embeddings and random ids:
 * never an image, a name or metadata. Whoever holds the database holds biometric data: give it rotated embeddings
 * ({@link Rotation}), and reach it through a server of yours that authenticates people.
 *
 * The collection must be made with `{ size: dimension, distance: 'Euclid' }`, and template ids must be UUIDs, as the
 * gallery's are. Qdrant's search is approximate unless the collection is small or indexing is off.
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

  constructor(client: QdrantLike, collection: string) {
    this.#client = client;
    this.#collection = collection;
  }

  /** How many templates the collection holds; asked of the database. */
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

  /** @throws {FaceNetError} `gallery-corrupt` when the database holds points that this class did not write. */
  async search(probe: Float32Array, { limit = 10, within, signal }: SearchOptions = {}): Promise<Neighbour[]> {
    signal?.throwIfAborted();
    const { points } = await this.#client.query(this.#collection, {
      query: [...probe],
      limit,
      // For Euclid Qdrant's score is the distance, and the threshold its upper bound.
      ...(within !== undefined && Number.isFinite(within) && { score_threshold: within }),
      with_payload: true,
    });
    signal?.throwIfAborted();
    return points.map(({ id, score, payload }) => {
      if (typeof payload?.person !== 'string') {
        throw new FaceNetError(
          'gallery-corrupt',
          `The point ${id} names no person: use a collection that only this index writes.`,
        );
      }
      return { id: String(id), person: payload.person, distance: score };
    });
  }
}
