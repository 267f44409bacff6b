import { QdrantClient } from '@qdrant/js-client-rest';
import { describe, expect, test } from 'vitest';
import { identifyIn } from '../../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { QdrantIndex } from '../../../lib/gallery/search/qdrant.ts';
import type { IndexEntry } from '../../../lib/gallery/search/vector-index.ts';
import { startQdrantServer } from '../../support/qdrant-server.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** Qdrant's own client on a server of this test's own, with a collection as QdrantIndex wants it. */
async function connected() {
  const server = await startQdrantServer();
  const client = new QdrantClient({ url: server.url });
  await client.createCollection('staff', { vectors: { size: 128, distance: 'Euclid' } });
  server.sent.length = 0;
  return { server, client, index: new QdrantIndex(client, 'staff') };
}

const entryOf = (person: string, embedding: Float32Array) => ({ id: crypto.randomUUID(), person, embedding });

describe("QdrantIndex by Qdrant's own client, over HTTP", () => {
  test('sends embeddings and random ids, and nothing else that it is handed', async () => {
    const { server, index } = await connected();
    await using _ = server;
    const synthetic = new Synthetic();
    const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const [one, two] = [entryOf(ada, synthetic.person()), entryOf(bob, synthetic.person())];
    const probe = synthetic.near(two.embedding, 0.2);
    // More than an index asks for, as somebody would pass who keeps everything in one object.
    const more = { name: 'Ada Lovelace', metadata: { phone: '555-1815' }, crop: 'data:image/png;base64,iVBORw0KGgo=' };
    await index.add([{ ...one, ...more }, two] as IndexEntry[]);
    const { match, threshold, templates } = await identifyIn(index, probe, rule);
    expect([match?.person, match?.template, templates]).toEqual([bob, two.id, 2]);
    await index.remove([two.id]);
    expect((await identifyIn(index, probe, rule)).match).toBeUndefined();

    const requests = server.sent.map(({ method, url, body }) => [`${method} ${url}`, JSON.parse(body)]);
    expect(requests.slice(0, 4)).toEqual([
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
    expect(requests).toHaveLength(6);
    const wire = server.sent.map(({ body }) => body).join('\n');
    for (const secret of ['Lovelace', '555-1815', 'image', 'iVBOR', rule.model]) expect(wire).not.toContain(secret);
  });

  test('identifies as an exact index in the page does', async () => {
    const { server, index } = await connected();
    await using _ = server;
    const synthetic = new Synthetic(7);
    const entries = Array.from({ length: 60 }, (_, i) => entryOf(`person ${i % 20}`, synthetic.person()));
    const exact = new ExactIndex(128);
    await Promise.all([index.add(entries), exact.add(entries)]);
    expect(await index.size).toBe(60);
    for (const { embedding } of entries.slice(0, 10)) {
      for (const probe of [synthetic.near(embedding, 0.2), synthetic.person()]) {
        const [there, here] = [await identifyIn(index, probe, rule), await identifyIn(exact, probe, rule)];
        expect([there.match?.person, there.fpir]).toEqual([here.match?.person, here.fpir]);
        const [far, near] = [await index.search(probe, { limit: 5 }), await exact.search(probe, { limit: 5 })];
        expect(far.map(({ id }) => id)).toEqual(near.map(({ id }) => id));
        far.forEach(({ distance }, i) => {
          expect(distance).toBeCloseTo(near[i]?.distance as number, 5);
        });
      }
    }
  });

  test('refuses points that it did not write', async () => {
    const { server, client, index } = await connected();
    await using _ = server;
    await client.upsert('staff', { wait: true, points: [{ id: 1, vector: Array(128).fill(0) }] });
    await expect(index.search(new Float32Array(128))).rejects.toMatchObject({ code: 'gallery-corrupt' });
  });

  test("tells the server's refusals, and asks nothing once it is aborted", async () => {
    const { server, client, index } = await connected();
    await using _ = server;
    await expect(new QdrantIndex(client, 'nobody').search(new Float32Array(128))).rejects.toMatchObject({
      status: 404,
    });
    await expect(index.search(new Float32Array(5))).rejects.toMatchObject({ status: 400 });
    server.sent.length = 0;
    await expect(index.search(new Float32Array(128), { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(server.sent).toEqual([]);
  });
});
