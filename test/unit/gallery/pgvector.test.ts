import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { distances } from '../../../lib/comparison/distance.ts';
import { seeded } from '../../../lib/core/random.ts';
import type { Metric } from '../../../lib/core/types.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { PgVectorIndex } from '../../../lib/gallery/search/pgvector.ts';
import type { PgQuery } from '../../../lib/gallery/search/pgvector-options.ts';
import type { IndexEntry } from '../../../lib/gallery/search/vector-index.ts';
import { SyntheticEmbeddings } from '../../../scripts/kit/synthetic-embeddings.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { missingPostgres, startPostgres } from '../../support/postgres-server.ts';

const random = seeded(1);

/** The number of vectors to search. VECTORS=100000 takes a quarter of an hour on a server, and longer on PGlite. */
const many = Number(process.env.VECTORS ?? 1000);

function unitVector(dimension: number): Float32Array {
  const vector = Float32Array.from({ length: dimension }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function entries(count: number, dimension: number): IndexEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `face-${i}`,
    person: `person-${i % 7}`,
    embedding: unitVector(dimension),
  }));
}

/** The same behaviour on each database. */
function describeIndex(query: () => PgQuery): void {
  /** PostgreSQL reads a table of a few rows as a whole, unless it is told not to. */
  const preferIndex = () => query()('SET enable_seqscan = off');
  afterEach(async () => {
    await query()('RESET enable_seqscan');
  });

  for (const [dimension, metric] of [
    [128, 'euclidean'],
    [192, 'cosine'],
    [320, 'cosine'],
    [512, 'euclidean'],
  ] as [number, Metric][]) {
    test(`finds the neighbours of the exact search: ${dimension} dimensions, ${metric}`, async () => {
      const index = new PgVectorIndex(query(), { table: `faces_${dimension}`, dimension, metric });
      await index.createTable();
      const all = entries(60, dimension);
      await index.add(all);
      expect(await index.size).toBe(60);
      const probe = unitVector(dimension);
      const expected = all
        .map(({ id, person, embedding }) => ({ id, person, distance: distances[metric](embedding, probe) }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, 10);
      const found = await index.search(probe);
      expect(found.map(({ id, person }) => [id, person])).toEqual(expected.map(({ id, person }) => [id, person]));
      for (const [i, { distance }] of found.entries()) expect(distance).toBeCloseTo(expected[i]?.distance as number, 5);
    });
  }

  test('replaces, filters, limits and removes entries', async () => {
    const index = new PgVectorIndex(query(), { table: 'faces_small', dimension: 32, metric: 'euclidean' });
    await index.createTable();
    const all = entries(40, 32);
    const exact = new ExactIndex(32, 'euclidean');
    for (const each of [index, exact]) {
      await each.add(all);
      await each.add([
        { id: 'face-3', person: 'person-x', embedding: unitVector(32).fill(0.1) },
        { ...(all[4] as IndexEntry) },
      ]);
      await each.remove(['face-5', 'unknown']);
    }
    expect(await index.size).toBe(39);
    const probe = unitVector(32);
    const within = 1.3;
    const idsOf = (found: { id: string }[]) => found.map(({ id }) => id);
    expect(idsOf(await index.search(probe, { limit: 100, within }))).toEqual(
      idsOf(await exact.search(probe, { limit: 100, within })),
    );
    const some = await index.search(probe, { limit: 100, people: ['person-1', 'person-x'] });
    expect(new Set(some.map(({ person }) => person))).toEqual(new Set(['person-1', 'person-x']));
    expect(await index.search(probe, { limit: 3 })).toHaveLength(3);
  });

  test('an index makes the search approximate: eight of ten neighbours of random vectors are found', async () => {
    const index = new PgVectorIndex(query(), { table: 'faces_hnsw', dimension: 128, metric: 'cosine' });
    await index.createTable();
    const all = entries(300, 128);
    await index.add(all);
    await index.createIndex();
    await preferIndex();
    let hits = 0;
    for (let i = 0; i < 10; i++) {
      const probe = unitVector(128);
      const nearest = all
        .map(({ id, embedding }) => ({ id, distance: distances.cosine(embedding, probe) }))
        .sort((a, b) => a.distance - b.distance);
      const expected = new Set(nearest.slice(0, 10).map(({ id }) => id));
      hits += (await index.search(probe)).filter(({ id }) => expected.has(id)).length;
    }
    expect(hits).toBeGreaterThan(80);
  });

  test('an index limits neither the number of neighbours to 40 nor a search among some people', async () => {
    const index = new PgVectorIndex(query(), { table: 'faces_limits', dimension: 128, metric: 'cosine' });
    await index.createTable();
    await index.add(entries(300, 128));
    await index.createIndex();
    const probe = unitVector(128);
    await preferIndex();
    expect(await index.search(probe, { limit: 120 })).toHaveLength(120);
    // The only face of this person is among the farthest of 301.
    await index.add([{ id: 'opposite', person: 'person-y', embedding: probe.map((value) => -value) }]);
    const found = await index.search(probe, { people: ['person-y'] });
    expect(found.map(({ id }) => id)).toEqual(['opposite']);
    expect(await errorCodeOf(index.search(probe, { candidates: 0 }))).toBe('option-invalid');
  });

  test('rejects an embedding of another length', async () => {
    const index = new PgVectorIndex(query(), { table: 'faces_128', dimension: 128, metric: 'euclidean' });
    expect(await errorCodeOf(index.search(unitVector(64)))).toBe('model-mismatch');
  });
}

/** The search of many vectors, exact and with an index. */
function describeMany(query: () => PgQuery): void {
  for (const dimension of [128, 192, 320, 512]) {
    test(`searches ${many} vectors of ${dimension} dimensions`, { timeout: 60_000 + many * 12 }, async () => {
      const index = new PgVectorIndex(query(), { table: `many_${dimension}`, dimension, metric: 'cosine' });
      await index.createTable();
      const people = new SyntheticEmbeddings(dimension);
      const all = Array.from({ length: many }, (_, i) => ({
        id: `${i}`,
        person: `${i}`,
        embedding: people.newPerson(),
      }));
      await index.add(all);
      expect(await index.size).toBe(many);
      const probe = people.newPerson();
      const start = performance.now();
      const found = await index.search(probe);
      const exact = performance.now() - start;
      expect(found.map(({ id }) => id)).toEqual(nearestIds(all, probe, 10));
      const building = performance.now();
      await index.createIndex();
      const built = performance.now() - building;
      // Other photos of the people.
      const searching = performance.now();
      const probes = all.filter((_, i) => i % (many / 50) === 0);
      let hits = 0;
      for (const { id, embedding } of probes) {
        const [first] = await index.search(people.samePerson(embedding));
        if (first?.id === id) hits++;
      }
      const indexed = (performance.now() - searching) / probes.length;
      console.log(JSON.stringify({ many, dimension, exact, built, indexed, hits }));
      expect(hits).toBeGreaterThanOrEqual(45);
      const [gone, moved] = all as [IndexEntry, IndexEntry];
      await index.remove([gone.id]);
      await index.add([{ ...moved, person: 'another' }]);
      expect(await index.size).toBe(many - 1);
      expect((await index.search(gone.embedding)).map(({ id }) => id)).not.toContain(gone.id);
      expect((await index.search(moved.embedding, { people: ['another'] })).map(({ id }) => id)).toEqual([moved.id]);
    });
  }
}

describe('PgVectorIndex on PGlite', () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } });
  });
  afterAll(() => db.close());
  describeIndex(() => (text, values) => db.query<object>(text, values));
  describeMany(() => (text, values) => db.query<object>(text, values));
});

const missing = missingPostgres();

describe.skipIf(missing)(`PgVectorIndex on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  describeIndex(() => (text, values) => server.client.query(text, values));

  describeMany(() => (text, values) => server.client.query(text, values));
});

function nearestIds(all: readonly IndexEntry[], probe: Float32Array, limit: number): string[] {
  const found = all.map(({ id, embedding }) => ({ id, distance: distances.cosine(embedding, probe) }));
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ id }) => id);
}

describe('names of tables', () => {
  const create = (table: string) =>
    new PgVectorIndex(async () => ({ rows: [] }), { table, dimension: 1, metric: 'cosine' });
  const refusal = expect.objectContaining({ code: 'option-invalid' });

  test('that are not plain are refused', () => {
    expect(() => create('a; DROP TABLE b')).toThrow(refusal);
  });

  test('are short enough for the names of the indexes', () => {
    const longest = 'f'.repeat(53);
    for (const table of [longest, `faces.${longest}`]) expect(() => create(table)).not.toThrow();
    for (const table of [`${longest}f`, `faces.${longest}f`]) expect(() => create(table)).toThrow(refusal);
  });
});
