import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

for (const file of ['manifest.json', 'mobilefacenet/weights.bin']) {
  test(`rejects with model-missing when the server sends nothing of ${file} for 30 seconds`, async ({ page }) => {
    await page.clock.install();
    let stalled = 0;
    // Never answered.
    await page.route(`**/models/${file}*`, () => void stalled++);
    const load = () =>
      page.evaluate(async () => {
        const controller = new AbortController();
        Object.assign(globalThis, { controller });
        const options = { models: '/models/', worker: false, signal: controller.signal };
        return library.FaceNet.load(options).catch((error) =>
          error instanceof library.FaceNetError ? `${error.code}: ${error.message}` : String(error),
        );
      });
    const loading = load();
    await expect.poll(() => stalled).toBe(1);
    await page.clock.fastForward(31_000);
    expect(await loading).toMatch(/^model-missing: .*sent nothing for 30 seconds/);

    // An abort does not wait for the timeout.
    const aborted = load();
    await expect.poll(() => stalled).toBe(2);
    await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort('enough'));
    expect(await aborted).toBe('enough');
  });
}

test('downloads only the files that a damaged or full cache lacks', async ({ page, context }) => {
  await loadFast(page);
  const fetched: string[] = [];
  page.on('response', (response) => fetched.push(new URL(response.url()).pathname));
  const ofModels = () => fetched.filter((path) => path.startsWith('/models/'));
  /** Disposes, which writes the cache, and loads again. */
  const reload = async () => {
    fetched.length = 0;
    return page.evaluate(async () => {
      await facenet.dispose();
      globalThis.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      return (await facenet.embed(still, quick)).length;
    });
  };
  expect(await reload()).toBe(1);
  const entries = await page.evaluate(async () => {
    const cache = await caches.open('facenet-web-models');
    const keys = await cache.keys();
    for (const [i, key] of keys.entries()) {
      // Delete a third, cut a third in half.
      if (i % 3 === 0) await cache.delete(key);
      else if (i % 3 === 1) {
        const bytes = await ((await cache.match(key)) as Response).arrayBuffer();
        await cache.put(key, new Response(bytes.slice(0, bytes.byteLength / 2)));
      }
    }
    return keys.length;
  });
  expect(await reload()).toBe(1);
  const repaired = ofModels().filter((path) => !path.endsWith('manifest.json'));
  expect(repaired.length).toBeGreaterThan(0);
  expect(repaired.length).toBeLessThan(entries);
  expect(await reload()).toBe(1);
  expect(ofModels()).toEqual(['/models/manifest.json']);

  const session = await context.newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await page.evaluate(() => caches.delete('facenet-web-models'));
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
  expect(await reload()).toBe(1);
  expect(await reload(), 'the cache could not be written').toBe(1);
  expect(ofModels().length).toBeGreaterThan(1);
});
