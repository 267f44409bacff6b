import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Nearest } from './nearest.ts';
import type { EmbeddingTable } from './table.ts';
import type { Neighbour, SearchOptions } from './vector-index.ts';

/** The search options with defaults. @throws {FaceNetError} `option-invalid`; `signal.reason` when aborted. */
export function checkedSearch(options: SearchOptions): { limit: number; within: number } {
  const { signal } = checkedOptions(options, { limit: true, within: true });
  signal?.throwIfAborted();
  return checkedBounds(options);
}

/** The bounds of a search with defaults. @throws {FaceNetError} `option-invalid` */
export function checkedBounds({ limit = 10, within = Number.POSITIVE_INFINITY }: SearchOptions): {
  limit: number;
  within: number;
} {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new FaceNetError('option-invalid', `limit is ${limit}: use a whole number of at least 1.`);
  }
  if (Number.isNaN(within)) throw new FaceNetError('option-invalid', 'within is NaN: use a distance.');
  return { limit, within };
}

/** Converts table rows to neighbours. */
export function toNeighbours({ ids, people }: EmbeddingTable, { rows, distances }: Nearest): Neighbour[] {
  return rows.map((row, i) => ({
    id: ids[row] as string,
    person: people[row] as string,
    distance: distances[i] as number,
  }));
}
