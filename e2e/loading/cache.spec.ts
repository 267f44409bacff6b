import type { Page } from 'playwright/test';
import { expect, openLibrary, test } from '../support/library.ts';
import { tryOut } from '../support/try-out.ts';

/** The paths of the cached files. */
function cachedFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const cache = await caches.open('facenet-web-models');
    return (await cache.keys()).map(({ url }) => new URL(url).pathname).sort();
  });
}

test('reports progress that rises to 1, over the network and from the cache', { tag: '@page' }, async ({ page }) => {
  for (const source of ['network', 'cache']) {
    const reports = await page.evaluate(async () => {
      const reports: import('../../lib/index.ts').Progress[] = [];
      const onProgress = (report: import('../../lib/index.ts').Progress) => reports.push(report);
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', onProgress });
      const { length } = reports;
      await facenet.embed(await facePhoto(), quick);
      await facenet.dispose();
      return reports.length === length ? reports : [];
    });
    expect(reports.length, source).toBeGreaterThan(4);
    for (const [i, { file, loaded, total, progress }] of reports.entries()) {
      expect(file, source).not.toBe('');
      expect(loaded, source).toBeLessThanOrEqual(total);
      expect(progress, source).toBeGreaterThanOrEqual(reports[i - 1]?.progress ?? 0);
      expect(progress === 1, source).toBe(i === reports.length - 1);
    }
    const last = reports.at(-1);
    expect(last?.loaded, source).toBe(last?.total);
    expect(last?.total, source).toBeGreaterThan(4_000_000);
  }
});

test('loads again without a network, from the cache', { tag: '@page' }, async ({ page }) => {
  const first = await tryOut(page);
  await page.route('**/models/**', (route) => route.abort('internetdisconnected'));
  expect(first.faces).toBe(1);
  expect(await tryOut(page)).toEqual(first);
});

test('caches the downloaded files a second later, without a dispose', { tag: '@page' }, async ({
  page,
  server,
  inWorker,
}) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  await page.evaluate(() => library.FaceNet.load({ models: '/models/', preset: 'fast' }).then(() => {}));
  const needed = requested.filter((path) => path.startsWith('/models/')).sort();
  expect(needed.length).toBeGreaterThan(5);
  await expect.poll(() => cachedFiles(page)).toEqual(needed);
  await page.route('**/models/**', (route) => route.abort('internetdisconnected'));
  await openLibrary(page, server, inWorker);
  expect((await tryOut(page)).faces).toBe(1);
});

test('persist() writes the cache immediately, and returns whether all files are cached', async ({ page, context }) => {
  const loadAndPersist = () =>
    page.evaluate(async () => {
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
      const all = await facenet.persist();
      const files = (await (await caches.open('facenet-web-models')).keys()).length;
      const aborted = await codeOf(facenet.persist({ signal: AbortSignal.abort('enough') }));
      await facenet.dispose();
      return { all, files, aborted, disposed: await codeOf(facenet.persist()) };
    });
  const { files, ...outcome } = await loadAndPersist();
  expect(outcome).toEqual({ all: true, aborted: 'enough', disposed: 'disposed' });
  expect(files).toBeGreaterThan(5);
  expect(await cachedFiles(page), 'dispose() had nothing left to write').toHaveLength(files);

  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await page.evaluate(() => caches.delete('facenet-web-models'));
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
  expect(await loadAndPersist()).toMatchObject({ all: false });
});

test('an aborted load caches the files that arrived, and the next load downloads the rest', async ({ page }) => {
  const weights = '/models/mobilefacenet/weights.bin';
  const requested: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/models/')) requested.push(pathname);
  });
  // Never answered.
  await page.route(`**${weights}*`, () => {});
  const aborted = page.evaluate(async () => {
    const controller = new AbortController();
    Object.assign(globalThis, { controller });
    return codeOf(library.FaceNet.load({ models: '/models/', preset: 'fast', signal: controller.signal }));
  });
  await expect(async () => {
    const cached = await cachedFiles(page);
    expect(cached.length).toBeGreaterThan(5);
    // The manifest is written last.
    expect([...cached, weights, '/models/manifest.json'].sort()).toEqual(requested.toSorted());
  }).toPass({ timeout: 30_000 });
  await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort('enough'));
  expect(await aborted).toBe('enough');

  await page.unroute(`**${weights}*`);
  requested.length = 0;
  expect((await tryOut(page)).faces).toBe(1);
  expect(requested.sort()).toEqual([weights, '/models/manifest.json'].sort());
});

test('uses the cached manifest without a network, but not when the server answers with an error', async ({ page }) => {
  expect((await tryOut(page)).faces).toBe(1);
  await page.route('**/manifest.json', (route) => route.abort('internetdisconnected'));
  expect((await tryOut(page)).faces).toBe(1);
  await page.unroute('**/manifest.json');
  await page.route('**/manifest.json', (route) => route.fulfill({ status: 500 }));
  expect(await tryOut(page)).toEqual({ code: 'model-missing', message: expect.stringContaining('answered 500') });
});
