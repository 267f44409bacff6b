import { afterEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import type { CropEmbedder } from '../../../lib/gallery/types.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

// Node has no IndexedDB, so both tabs share a store in memory.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const shared = { ...memoryStore(), close: () => {} };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore: async () => shared };
});

afterEach(() => vi.unstubAllGlobals());

test('reembed() ends, and embeds each crop once, while another tab changes the gallery during every crop', async () => {
  // Node has no image decoder.
  vi.stubGlobal('createImageBitmap', async (file: Blob) => ({
    seed: (await file.bytes())[0],
    width: 150,
    height: 150,
    close() {},
  }));
  const open = () => Gallery.open({ name: 'conflicts', facenet: { rule } });
  await using gallery = await open();
  await using other = await open();
  const synthetic = new Synthetic();
  const people = 12;
  for (let i = 0; i < people; i++) {
    const crop = new Blob([Uint8Array.of(i + 1)], { type: 'image/png' });
    await gallery.enrol({ name: `${i}` }, { embedding: synthetic.person(), model: rule.model }, { crop });
  }
  const ids = (await other.list()).map(({ id }) => id);
  let embedded = 0;
  const embedder: CropEmbedder = {
    rule: { ...rule, model: 'newer', dimension: 64 },
    async embed(source) {
      await other.rename(ids[embedded] as string, `renamed ${embedded}`);
      embedded++;
      const { seed } = source as unknown as { seed: number };
      return { embedding: new Synthetic(seed).person(64), model: 'newer', landmarks: { presence: 1 } };
    },
  };
  expect((await gallery.reembed(embedder)).embedded).toBe(people);
  expect(embedded).toBe(people);
  expect(await gallery.models()).toEqual([{ model: 'newer', current: true, faces: people, crops: people }]);
  const names = (await gallery.list()).map(({ name }) => name);
  expect(names.sort()).toEqual(ids.map((_, i) => `renamed ${i}`).sort());
});
