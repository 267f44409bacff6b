import { beforeEach, describe, expect, test } from 'vitest';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { PgVectorIndex } from '../../../lib/gallery/search/pgvector.ts';
import { QdrantIndex, type QdrantLike } from '../../../lib/gallery/search/qdrant.ts';
import { QuantisedIndex } from '../../../lib/gallery/search/quantised.ts';
import type { VectorIndex } from '../../../lib/gallery/search/vector-index.ts';
import { errorCodeOf } from '../../support/error-code.ts';

/** The calls that a database received. */
let received: unknown[] = [];
/** The faces that it finds, whatever the query. */
const found = [0.1, 0.5].map((distance, i) => ({ id: `${i}`, person: 'a', distance }));

const points = found.map(({ id, person, distance }) => ({ id, score: distance, payload: { person } }));
const client = {
  upsert: async (...call: unknown[]) => received.push(call),
  query: async (...call: unknown[]) => {
    received.push(call);
    return { points };
  },
} as unknown as QdrantLike;
const query = async (...call: unknown[]) => {
  received.push(call);
  return { rows: found };
};

const databases: Record<string, VectorIndex> = {
  PgVectorIndex: new PgVectorIndex(query, { table: 'faces', dimension: 4, metric: 'euclidean' }),
  QdrantIndex: new QdrantIndex(client, 'faces'),
};
const indexes: Record<string, VectorIndex> = {
  ...databases,
  ExactIndex: new ExactIndex(4),
  QuantisedIndex: new QuantisedIndex(4),
};
const probe = Float32Array.of(1, 0, 0, 0);
const broken = [Number.NaN, Number.POSITIVE_INFINITY].map((value) => Float32Array.of(1, 0, value, 0));

beforeEach(() => {
  received = [];
});

describe.each(Object.entries(indexes))('%s', (_, index) => {
  test.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the limit %s', async (limit) => {
    expect(await errorCodeOf(index.search(probe, { limit }))).toBe('option-invalid');
    expect(received).toEqual([]);
  });

  test('refuses a maximum distance that is NaN', async () => {
    expect(await errorCodeOf(index.search(probe, { within: Number.NaN }))).toBe('option-invalid');
    expect(received).toEqual([]);
  });

  test('refuses a probe with elements that are not finite', async () => {
    for (const each of broken) expect(await errorCodeOf(index.search(each))).toBe('option-invalid');
    expect(received).toEqual([]);
  });
});

describe.each(Object.entries(databases))('%s', (_, index) => {
  test('stores no embedding with elements that are not finite', async () => {
    for (const embedding of broken) {
      const added = index.add([
        { id: '0', person: 'a', embedding: probe },
        { id: '1', person: 'a', embedding },
      ]);
      expect(await errorCodeOf(added)).toBe('option-invalid');
    }
    expect(received).toEqual([]);
  });

  test.each([
    [Number.POSITIVE_INFINITY, ['0', '1']],
    [0.3, ['0']],
    [-1, []],
    [Number.NEGATIVE_INFINITY, []],
  ])('returns no face beyond the distance %s', async (within, ids) => {
    expect((await index.search(probe, { within })).map(({ id }) => id)).toEqual(ids);
  });
});
