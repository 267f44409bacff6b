import type { Route } from 'playwright/test';
import { expect, test } from '../support/library.ts';
import { fulfilChanged, tryOut } from '../support/try-out.ts';

const weights = '**/models/mobilefacenet/weights.bin*';

const flipBit = (body: Buffer) => {
  body.writeUInt8(body.readUInt8(1000) ^ 1, 1000);
  return body;
};

const failures: [string, string, (route: Route) => Promise<void>][] = [
  ['is missing', 'model-missing', (route) => route.fulfill({ status: 404 })],
  ['breaks off', 'model-missing', (route) => route.abort('connectionreset')],
  ['has a wrong bit', 'model-corrupt', (route) => fulfilChanged(route, flipBit)],
  ['is too short', 'model-corrupt', (route) => fulfilChanged(route, (body) => body.subarray(0, 1000))],
  ['is too long', 'model-corrupt', (route) => fulfilChanged(route, (body) => Buffer.concat([body, body]))],
  ['is a web page', 'model-missing', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' })],
];

test('names the file whose download fails, and caches nothing of it', async ({ page }) => {
  for (const [failure, code, fulfil] of failures) {
    await page.route(weights, fulfil);
    const outcome = await tryOut(page);
    expect(outcome, failure).toEqual({ code, message: expect.stringContaining('mobilefacenet/weights.bin') });
    await page.unroute(weights);
  }
  expect((await tryOut(page)).faces).toBe(1);
});

test('downloads damaged cache entries again', async ({ page }) => {
  await tryOut(page);
  const entries = await page.evaluate(async () => {
    const cache = await caches.open('facenet-web-models');
    const entries = await cache.keys();
    for (const entry of entries) await cache.put(entry, new Response(new Uint8Array(8)));
    return entries.length;
  });
  expect(entries).toBeGreaterThan(5);
  expect((await tryOut(page)).faces).toBe(1);
});

test('rejects missing and invalid manifests with a code', async ({ page }) => {
  expect((await tryOut(page, { models: '/nowhere/' })).code).toBe('model-missing');
  const unknown = await tryOut(page, { detector: 'retinaface' });
  expect(unknown).toEqual({ code: 'option-invalid', message: expect.stringContaining('"blazeface-full"') });
  for (const contentType of ['text/html', 'application/json']) {
    await page.route('**/manifest.json', (route) => route.fulfill({ contentType, body: '<!doctype html>' }));
    const message = expect.stringMatching(
      /not found at http.*\/models\/: run "npx facenet-web copy-models public\/models"/,
    );
    expect(await tryOut(page)).toEqual({ code: 'model-missing', message });
  }
  await page.route('**/manifest.json', (route) => route.fulfill({ json: { version: 99 } }));
  expect((await tryOut(page)).code).toBe('manifest-invalid');
});

test('rejects with the error that onProgress throws', async ({ page }) => {
  const message = await page.evaluate(() => {
    const onProgress = () => {
      throw new Error('thrown by onProgress');
    };
    return codeOf(library.FaceNet.load({ models: '/models/', onProgress }));
  });
  expect(message).toBe('Error: thrown by onProgress');
});

test('reads each model from the first folder that has it', async ({ page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  await page.route('**/own/manifest.json', async (route) => {
    const response = await route.fetch({ url: new URL('/models/manifest.json', page.url()).href });
    const manifest = await response.json();
    const [embedder] = manifest.models.filter(({ name }: { name: string }) => name === 'mobilefacenet');
    const preset = manifest.presets.find(({ name }: { name: string }) => name === 'fast');
    const thresholds = [{ far: 1e-3, distance: 0.25 }];
    // The calibration of poor photos is valid with the preset's own thresholds only.
    const { conditional: _, ...calibration } = preset.calibration;
    const presets = [{ ...preset, calibration: { ...calibration, thresholds } }];
    await route.fulfill({ json: { version: 1, presets, models: [embedder], engines: [] } });
  });
  await page.route('**/own/mobilefacenet/*', async (route) => {
    const url = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: url.href.replace('/own/', '/models/') }) });
  });
  const threshold = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: ['/own/', '/models/'], preset: 'fast' });
    const [face] = await facenet.embed(await facePhoto(), quick);
    // The threshold of faces with a quality depends on it.
    const embedding = face?.embedding as Float32Array;
    const { threshold } = facenet.compare(embedding, embedding);
    await facenet.dispose();
    return threshold;
  });
  expect(threshold).toBe(0.25);
  expect(requested).toContain('/own/mobilefacenet/weights.bin');
  expect(requested).not.toContain('/models/mobilefacenet/weights.bin');
});
