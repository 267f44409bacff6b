import { requireFinite } from '../../comparison/compare.ts';
import { abortable } from '../../core/cancellation.ts';
import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Metric } from '../../core/types.ts';
import { checkedPgOptions, type PgQuery, type PgSearchOptions, type PgVectorOptions } from './pgvector-options.ts';
import { checkedBounds } from './results.ts';
import type { IndexEntry, Neighbour, VectorIndex } from './vector-index.ts';

/** The operator and the operator class of each metric. */
const operators: Record<Metric, { distance: string; class: string }> = {
  euclidean: { distance: '<->', class: 'vector_l2_ops' },
  cosine: { distance: '<=>', class: 'vector_cosine_ops' },
};

/** The maximum of pgvector's setting `hnsw.ef_search`. */
const maxCandidates = 1000;

/** The number of entries in one statement. */
const batchSize = 500;

/**
 * A {@link VectorIndex} in PostgreSQL with pgvector, for galleries that are too large for memory. The same class serves a server
 * (`pg`) and the page (PGlite). It sends embeddings and ids, never images, names or metadata. Embeddings are biometric data: store
 * rotated ones ({@link Rotation}), and put a server that authenticates users in front of the database.
 *
 * Without {@link createIndex} the search is exact. With it, it is approximate unless it is limited to some people, and returns at most
 * 1000 neighbours.
 *
 * @example
 * import { Pool } from 'pg';
 *
 * const { rule } = facenet;
 * const pool = new Pool({ connectionString: 'postgres://user@host/faces' });
 * const options = { table: 'faces', dimension: rule.dimension, metric: rule.metric };
 * const index = new PgVectorIndex((text, values) => pool.query(text, values), options);
 * await index.createTable();
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: face.embedding }]);
 * const { candidates } = await identifyIn(index, probe.embedding, rule);
 */
export class PgVectorIndex implements VectorIndex {
  readonly #query: PgQuery;
  readonly #table: string;
  readonly #dimension: number;
  readonly #metric: Metric;

  /**
   * @param query runs a statement on a connection or a pool.
   * @param options the table, and the length and metric of the embeddings.
   * @throws {FaceNetError} `option-invalid`
   */
  constructor(query: PgQuery, options: PgVectorOptions) {
    const { table, dimension, metric } = checkedPgOptions(options);
    this.#query = query;
    this.#table = table;
    this.#dimension = dimension;
    this.#metric = metric;
  }

  /** Installs the extension and creates the table with an index of its people, unless they exist. Needs the right to do so. */
  async createTable(): Promise<void> {
    await this.#query('CREATE EXTENSION IF NOT EXISTS vector');
    await this.#query(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (id text PRIMARY KEY, person text NOT NULL, embedding vector(${this.#dimension}) NOT NULL)`,
    );
    await this.#query(`CREATE INDEX IF NOT EXISTS ${this.#nameOfIndex('person')} ON ${this.#table} (person)`);
  }

  /** Creates an HNSW index, unless there is one: searches become fast and approximate. It takes minutes for 100,000 embeddings. */
  async createIndex(): Promise<void> {
    await this.#query(
      `CREATE INDEX IF NOT EXISTS ${this.#nameOfIndex('embedding')} ON ${this.#table} USING hnsw (embedding ${operators[this.#metric].class})`,
    );
  }

  /** The number of enrolled faces in the table, queried from the database. */
  get size(): Promise<number> {
    return this.#query(`SELECT count(*)::int AS count FROM ${this.#table}`).then(({ rows }) =>
      Number((rows[0] as { count: number }).count),
    );
  }

  /**
   * Adds or replaces enrolled faces.
   *
   * @param entries the faces, each with its id and its person's, and an embedding of the model that the index is for.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another length; `option-invalid` for one that is not finite.
   */
  async add(entries: readonly IndexEntry[]): Promise<void> {
    for (const { embedding } of entries) this.#check(embedding);
    // A statement cannot write a row twice: the last entry of an id counts.
    const distinct = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
    for (let start = 0; start < distinct.length; start += batchSize) {
      const batch = distinct.slice(start, start + batchSize);
      await this.#query(
        `INSERT INTO ${this.#table} (id, person, embedding)
        SELECT id, person, embedding::vector FROM unnest($1::text[], $2::text[], $3::text[]) AS entry (id, person, embedding)
        ON CONFLICT (id) DO UPDATE SET person = excluded.person, embedding = excluded.embedding`,
        [batch.map(({ id }) => id), batch.map(({ person }) => person), batch.map(({ embedding }) => toText(embedding))],
      );
    }
  }

  /**
   * Removes enrolled faces. Unknown ids are ignored.
   *
   * @param ids the ids of the enrolled faces.
   */
  async remove(ids: readonly string[]): Promise<void> {
    await this.#query(`DELETE FROM ${this.#table} WHERE id = ANY($1::text[])`, [[...ids]]);
  }

  /**
   * Finds the nearest enrolled faces.
   *
   * @param probe the embedding to search for, rotated if those in the index are.
   * @param options the maximum number and distance of the neighbours, the people to search among, the number of candidates, and a signal
   *   that cancels the call.
   * @returns the neighbours, nearest first; ties by id.
   * @throws {FaceNetError} `model-mismatch` for an embedding of another length; `option-invalid`.
   */
  async search(probe: Float32Array, options: PgSearchOptions = {}): Promise<Neighbour[]> {
    const names = { limit: true, within: true, people: true, candidates: true } as const;
    const { people, candidates = 100, signal } = checkedOptions<PgSearchOptions>(options, names);
    signal?.throwIfAborted();
    const { limit, within } = checkedBounds(options);
    this.#check(probe);
    if (!(Number.isInteger(candidates) && candidates >= 1 && candidates <= maxCandidates)) {
      throw new FaceNetError(
        'option-invalid',
        `candidates is ${candidates}: use a whole number from 1 to ${maxCandidates}.`,
      );
    }
    const examined = String(Math.min(maxCandidates, Math.max(candidates, limit)));
    const answer = people
      ? this.#query(this.#exactSearch(), [toText(probe), limit, [...people]])
      : this.#query(this.#indexSearch(), [toText(probe), limit, examined]);
    const { rows } = await abortable(answer, signal);
    // The nearest come first: filtering here lets the database use its index for the order.
    return (rows as Neighbour[])
      .map(({ id, person, distance }) => ({ id, person, distance: Number(distance) }))
      .filter(({ distance }) => distance <= within)
      .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1));
  }

  /** The statement that searches among the people `$3`. */
  #exactSearch(): string {
    const distance = this.#distance;
    // pgvector's index would examine the nearest faces of all people, and find few or none of these. It does not serve a sum.
    return `SELECT id, person, ${distance} AS distance FROM ${this.#table} WHERE person = ANY($3::text[])
      ORDER BY ${distance} + 0 LIMIT $2`;
  }

  /** The statement that searches among all people, with `$3` candidates if there is an index. */
  #indexSearch(): string {
    const distance = this.#distance;
    // The setting holds for this statement only. The condition makes PostgreSQL evaluate it before the search.
    return `SELECT found.* FROM (SELECT set_config('hnsw.ef_search', $3, true) AS candidates) AS setting,
      LATERAL (SELECT id, person, ${distance} AS distance FROM ${this.#table} WHERE setting.candidates IS NOT NULL
        ORDER BY ${distance} LIMIT $2) AS found`;
  }

  /** The distance of a row to the probe `$1`. */
  get #distance(): string {
    return `(embedding ${operators[this.#metric].distance} $1::vector)`;
  }

  #nameOfIndex(column: string): string {
    return `${this.#table.split('.').at(-1)}_${column}`;
  }

  #check(embedding: Float32Array): void {
    if (embedding.length !== this.#dimension) {
      throw new FaceNetError(
        'model-mismatch',
        `The embedding has ${embedding.length} elements, the table stores ${this.#dimension}: embed all faces with the same model.`,
      );
    }
    requireFinite(embedding);
  }
}

/** A vector in pgvector's text format. */
function toText(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}
