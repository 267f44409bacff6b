import { QdrantClient } from '@qdrant/js-client-rest';
import { describe, expect, test } from 'vitest';
import { identifyIn } from '../../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { QdrantIndex } from '../../../lib/gallery/search/qdrant.ts';
import type { IndexEntry } from '../../../lib/gallery/search/vector-index.ts';
import { startQdrantServer } from '../../support/qdrant-server.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** Qdrant's client, connected to a fake server with a collection for a QdrantIndex. */
async function connect() {
  const server = await startQdrantServer();
  const client = new QdrantClient({ url: server.url });
  await client.createCollection('staff', { vectors: { size: 128, distance: 'Euclid' } });
  server.requests.length = 0;
  return { server, client, index: new QdrantIndex(client, 'staff') };
}

const entryOf = (person: string, embedding: Float32Array) => ({ id: crypto.randomUUID(), person, embedding });

describe("QdrantIndex with Qdrant's client over HTTP", () => {
  test('sends embeddings and ids only', async () => {
    const { server, index } = await connect();
    await using _ = server;
    const synthetic = new Synthetic();
    const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const [one, two] = [entryOf(ada, synthetic.person()), entryOf(bob, synthetic.person())];
    const probe = synthetic.near(two.embedding, 0.2);
    // Properties beyond an IndexEntry, as in an application's own objects.
    const extra = { name: 'Ada Lovelace', metadata: { phone: '555-1815' }, crop: 'data:image/png;base64,iVBORw0KGgo=' };
    await index.add([{ ...one, ...extra }, two] as IndexEntry[]);
    const { match, threshold, faces } = await identifyIn(index, probe, rule);
    expect([match?.person, match?.face, faces]).toEqual([bob, two.id, 2]);
    await index.remove([two.id]);
    expect((await identifyIn(index, probe, rule)).match).toBeUndefined();

    const received = server.requests.map(({ method, url, body }) => [`${method} ${url}`, JSON.parse(body)]);
    expect(received.slice(0, 4)).toEqual([
      [
        'PUT /collections/staff/points?wait=true',
        {
          points: [
            { id: one.id, vector: [...one.embedding], payload: { person: ada } },
            { id: two.id, vector: [...two.embedding], payload: { person: bob } },
          ],
        },
      ],
      ['POST /collections/staff/points/count', { exact: true }],
      [
        'POST /collections/staff/points/query',
        { query: [...probe], limit: 50, score_threshold: threshold, with_payload: true },
      ],
      ['POST /collections/staff/points/delete?wait=true', { points: [two.id] }],
    ]);
    expect(received).toHaveLength(6);
    const wire = server.requests.map(({ body }) => body).join('\n');
    for (const secret of ['Lovelace', '555-1815', 'image', 'iVBOR', rule.model]) expect(wire).not.toContain(secret);
  });

  test('returns the same people and rates as an exact index', async () => {
    const { server, index } = await connect();
    await using _ = server;
    const synthetic = new Synthetic(7);
    const entries = Array.from({ length: 60 }, (_, i) => entryOf(`person ${i % 20}`, synthetic.person()));
    const exact = new ExactIndex(128);
    await Promise.all([index.add(entries), exact.add(entries)]);
    expect(await index.size).toBe(60);
    for (const { embedding } of entries.slice(0, 10)) {
      for (const probe of [synthetic.near(embedding, 0.2), synthetic.person()]) {
        const [remote, local] = [await identifyIn(index, probe, rule), await identifyIn(exact, probe, rule)];
        expect([remote.match?.person, remote.fpir]).toEqual([local.match?.person, local.fpir]);
        const [actual, expected] = [await index.search(probe, { limit: 5 }), await exact.search(probe, { limit: 5 })];
        expect(actual.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        actual.forEach(({ distance }, i) => {
          expect(distance).toBeCloseTo(expected[i]?.distance as number, 5);
        });
      }
    }
  });

  test('rejects points that it did not write', async () => {
    const { server, client, index } = await connect();
    await using _ = server;
    await client.upsert('staff', { wait: true, points: [{ id: 1, vector: Array(128).fill(0) }] });
    await expect(index.search(new Float32Array(128))).rejects.toMatchObject({ code: 'gallery-corrupt' });
  });

  test("passes on the server's errors and sends nothing when aborted", async () => {
    const { server, client, index } = await connect();
    await using _ = server;
    await expect(new QdrantIndex(client, 'missing').search(new Float32Array(128))).rejects.toMatchObject({
      status: 404,
    });
    await expect(index.search(new Float32Array(5))).rejects.toMatchObject({ status: 400 });
    server.requests.length = 0;
    await expect(index.search(new Float32Array(128), { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(server.requests).toEqual([]);
  });
});
