import { expect, it } from 'vitest';
import type { Dataset } from '../../../../scripts/kit/datasets/dataset.ts';
import { imageUrl, serveDataset } from '../../../../scripts/kit/datasets/serve.ts';
import { withServer } from '../../../../scripts/kit/server.ts';

const key = 'Zoë #1/100%_?_0001.jpg';
const dataset: Dataset = {
  name: 'test',
  pairs: [],
  images: new Map([[key, () => Uint8Array.from([0x89, 0x50])]]),
  hasPeople: true,
  frame: 'image',
  aligned: false,
  requireImages: () => {},
};

it('serves the images of a data set by their encoded keys', async () => {
  await withServer({}, { handlers: { '/photos': serveDataset(dataset) } }, async ({ url }) => {
    const response = await fetch(`${url}photos/${imageUrl(key)}`);
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'image/png']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0x89, 0x50]);
    for (const missing of ['other.jpg', '%', '..%2Fpackage.json']) {
      expect((await fetch(`${url}photos/${missing}`)).status).toBe(404);
    }
  });
});
