import type { QdrantClient } from '@qdrant/js-client-rest';
import { expect, test } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import { PgVectorIndex } from '../../../lib/gallery/search/pgvector.ts';
import { QdrantIndex } from '../../../lib/gallery/search/qdrant.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const never = () => new Promise<never>(() => {});

/** A file on a disk that does not answer. */
function silentFile(): Blob {
  const file = new Blob(['bytes'], { type: 'image/png' });
  return Object.assign(file, { arrayBuffer: never, slice: () => file });
}

const open = () => Gallery.open({ name: 'x', storage: 'memory', facenet: { rule } });
const probe = new Synthetic().person();

const waits: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
  'import() of a file': async (signal) => (await open()).import(silentFile(), { signal }),
  'enrol() of a crop': async (signal) =>
    (await open()).enrol({ name: 'Ada' }, { embedding: probe, model: rule.model }, { crop: silentFile(), signal }),
  'a search by Qdrant': (signal) =>
    new QdrantIndex({ query: never } as unknown as QdrantClient, 'staff').search(probe, { signal }),
  'a search by PostgreSQL': (signal) =>
    new PgVectorIndex(never, { table: 'staff', dimension: rule.dimension, metric: rule.metric }).search(probe, {
      signal,
    }),
};

test.each(Object.entries(waits))('%s that does not answer can be aborted', async (_, call) => {
  const controller = new AbortController();
  const called = call(controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 10);
  await expect(called).rejects.toThrow('enough');
});
