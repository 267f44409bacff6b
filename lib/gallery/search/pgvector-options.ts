import { checkedNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Metric } from '../../core/types.ts';
import type { SearchOptions } from './vector-index.ts';

/**
 * Runs a statement with values for `$1`, `$2`, …: `(text, values) => client.query(text, values)` of `pg`, or of PGlite, which runs
 * PostgreSQL in the page.
 */
export type PgQuery = (text: string, values?: unknown[]) => Promise<{ rows: object[] }>;

/** Options of {@link PgVectorIndex}. */
export interface PgVectorOptions {
  /** The name of the table: up to 53 letters, digits and underscores. Its schema can precede it, with a dot. */
  table: string;
  /** The length of the embeddings, 1 to 2000. */
  dimension: number;
  /** The metric of the distances: that of the model's rule. */
  metric: Metric;
}

/** Options of {@link PgVectorIndex.search}. */
export interface PgSearchOptions extends SearchOptions {
  /** The ids of the people to search among. Such a search is exact. Default: all. */
  people?: readonly string[];
  /**
   * The number of faces that a search with {@link PgVectorIndex.createIndex} examines (`hnsw.ef_search`), 1 to 1000. More are slower and
   * find the nearest more reliably. At least `limit` are examined. @default 100
   */
  candidates?: number;
}

/** PostgreSQL cuts names after 63 bytes, and the names of both indexes are the table's with `_person` and `_embedding`. */
const maxTableLength = 63 - '_embedding'.length;

/** @throws {FaceNetError} `option-invalid` */
export function checkedPgOptions(options: PgVectorOptions): PgVectorOptions {
  const { table, dimension, metric } = checkedNames(options, {
    ...{ table: true, dimension: true, metric: true },
  });
  if (typeof table !== 'string' || !/^([a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/i.test(table)) {
    throw invalid(`table is "${table}": use letters, digits and underscores.`);
  }
  const [name = ''] = table.split('.').slice(-1);
  if (name.length > maxTableLength) {
    throw invalid(
      `table is "${table}": use a name of up to ${maxTableLength} characters, because PostgreSQL cuts longer names of its indexes.`,
    );
  }
  if (!(Number.isInteger(dimension) && dimension >= 1 && dimension <= 2000)) {
    throw invalid(`dimension is ${dimension}: use a whole number from 1 to 2000.`);
  }
  if (metric !== 'euclidean' && metric !== 'cosine') {
    throw invalid(`metric is "${metric}": use "euclidean" or "cosine".`);
  }
  return { table, dimension, metric };
}

function invalid(message: string): FaceNetError {
  return new FaceNetError('option-invalid', message);
}
