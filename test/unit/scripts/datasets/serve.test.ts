import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderImages, imageUrl, serveImages } from '../../../../scripts/kit/datasets/serve.ts';
import { withServer } from '../../../../scripts/kit/server.ts';

const key = 'Zoë #1/100%_?_0001.jpg';

it('serves images by their encoded keys', async () => {
  const images = new Map([[key, () => Uint8Array.from([0x89, 0x50])]]);
  await withServer({}, { handlers: { '/photos': serveImages(images) } }, async ({ url }) => {
    const response = await fetch(`${url}photos/${imageUrl(key)}`);
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'image/png']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0x89, 0x50]);
    for (const missing of ['other.jpg', '%', '..%2Fpackage.json']) {
      expect((await fetch(`${url}photos/${missing}`)).status).toBe(404);
    }
  });
});

it('serves the images of a folder; one that cannot be read is not found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  mkdirSync(join(folder, 'Zoë #1'));
  writeFileSync(join(folder, key), 'photo');
  const images = serveImages(folderImages(folder, [key, 'Zoë #1']));
  await withServer({}, { handlers: { '/photos': images } }, async ({ url }) => {
    expect(await (await fetch(`${url}photos/${imageUrl(key)}`)).text()).toBe('photo');
    expect((await fetch(`${url}photos/${imageUrl('Zoë #1')}`)).status).toBe(404);
  });
  rmSync(folder, { recursive: true });
});
