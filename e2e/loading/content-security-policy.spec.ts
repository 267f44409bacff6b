import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright/test';
import { type Server, serveLibrary } from '../../scripts/kit/browser.ts';
import { startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { importEntries } from '../support/entries.ts';
import { dist, expect, importLibrary, photos, test } from '../support/library.ts';

/** The strictest policy: scripts, WebAssembly and requests of the own origin only, and one Trusted Types policy. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  // <face-net> shows its photo by a blob: address.
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types facenet-web',
].join('; ');

// One page for all tests, under the policy.
let page: Page;
let server: Server;
let collector: HttpServer;
/** The violations that the page and its workers reported. */
const reports: string[] = [];
/** The errors of the page. */
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  collector = createServer((request, response) => {
    request.on('data', (data) => reports.push(String(data)));
    request.on('end', () => response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end());
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  // Each answer has the policy, because a worker follows the policy of its own script.
  const headers = { 'Content-Security-Policy': `${policy}; report-uri http://127.0.0.1:${port}/` };
  server = await serveLibrary({ '/photos': photos, '/second': dist }, { headers });
  page = await browser.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(server.url);
  await page.evaluate(importLibrary, true);
  await importEntries(page);
  await page.evaluate(async () => {
    globalThis.facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
  });
});

test.afterEach(() => {
  expect(errors).toEqual([]);
  expect(reports).toEqual([]);
});

test.afterAll(async () => {
  await page.close();
  await server.close();
  collector.close();
});

test('embeds in a worker and on the page', async () => {
  const results = await page.evaluate(async () => {
    const results: [string, number][] = [];
    for (const worker of [true, false]) {
      const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', worker });
      results.push([facenet.execution.name, (await facenet.embed(await facePhoto(), quick)).length]);
      await facenet.dispose();
    }
    return results;
  });
  expect(results).toEqual([
    ['worker', 1],
    ['page', 1],
  ]);
});

test('enrols in an encrypted gallery, identifies and clusters', async () => {
  const results = await page.evaluate(async () => {
    const picture = await smallPhoto();
    const faces = await facenet.embed(picture);
    const [face] = faces as [(typeof faces)[0]];
    const gallery = await entries.Gallery.open({ name: 'strict', facenet, passphrase: 'sesame' });
    const allow = ['low-quality'] as const;
    await gallery.enrol({ name: 'Ada' }, face, { crop: await facenet.align(picture, face), allow });
    const { match } = await gallery.identify(face);
    await gallery.erase();
    const clusters = await entries.clusterFaces(faces, facenet);
    return [match?.person.name, clusters.length];
  });
  expect(results).toEqual(['Ada', 3]);
});

test('watches a video', async () => {
  await page.evaluate(`globalThis.makeVideo = ${startMovingFaces}`);
  const faces = await page.evaluate(async () => {
    const address = '/photos/sample1.jpg';
    const [face] = await facenet.detect(await photo(address), { minSize: 100, maxFaces: 1 });
    const { box } = face as NonNullable<typeof face>;
    const actor = { photo: address, box, x: 320, y: 240, sway: 20, period: 3000, size: 150 };
    const { makeVideo } = globalThis as unknown as { makeVideo: typeof startMovingFaces };
    const { video, stop } = await makeVideo([{ ...actor, seen: [[0, 1e9]] }]);
    let count = 0;
    for await (const { faces } of facenet.watch(video)) {
      count += faces.length;
      if (count >= 3) break;
    }
    stop();
    return count;
  });
  expect(faces).toBe(3);
});

test('trains a head in its worker, and computes a ROC curve', async () => {
  const results = await page.evaluate(async () => {
    // Forty synthetic embeddings of ten people, who overlap.
    const examples = Array.from({ length: 40 }, (_, i) => ({
      embedding: Float32Array.from({ length: 16 }, (_, at) => Number(at === i % 10) + 2 * Math.random()),
      model: 'synthetic',
      person: i % 10,
    }));
    const head = await entries.trainHead(examples, { epochs: 1, worker: true });
    const { epochs } = head.report;
    head.dispose();
    const curve = entries.rocCurve([0.1, 0.2, 0.3, 0.9].map((distance, i) => ({ distance, same: i < 2 })));
    return { epochs, points: curve.length };
  });
  expect(results.epochs).toBe(1);
  expect(results.points).toBeGreaterThan(1);
});

test('scores liveness', async () => {
  const antispoof = await page.evaluate(async () => {
    const still = await facePhoto();
    const [face] = await facenet.detect(still, quick);
    const liveness = await entries.Liveness.load({ models: '/models/' });
    const { antispoof } = await liveness.score(still, face as NonNullable<typeof face>);
    await liveness.dispose();
    return antispoof;
  });
  expect(antispoof).toBeGreaterThanOrEqual(0);
  expect(antispoof).toBeLessThanOrEqual(1);
});

test('marks the faces of a photo in <face-net>', async () => {
  const faces = await page.evaluate(async () => {
    const element = document.createElement('face-net');
    element.setAttribute('models', '/models/');
    element.setAttribute('source', '/photos/sample1.jpg');
    const found = new Promise<number>((resolve, reject) => {
      element.addEventListener('faces', ({ detail }) => resolve(detail.faces.length));
      element.addEventListener('error', ({ detail }) => reject(detail));
    });
    document.body.append(element);
    const count = await found;
    element.remove();
    return count;
  });
  expect(faces).toBe(3);
});

test('the collector receives the report of a violation', async () => {
  await page.evaluate(() => fetch('https://elsewhere.invalid/').catch(() => {}));
  await expect.poll(() => reports.join()).toContain('elsewhere.invalid');
  reports.length = 0;
  errors.length = 0;
});

test('a second copy of the library cannot create the Trusted Types policy, and runs on the page', async () => {
  const result = await page.evaluate(async () => {
    const { FaceNet } = (await import('/second/facenet-web.js' as string)) as typeof import('../../lib/index.ts');
    const second = await FaceNet.load({ models: '/models/', preset: 'fast' });
    const faces = await second.embed(await facePhoto(), quick);
    const { execution } = second;
    await second.dispose();
    return { faces: faces.length, execution };
  });
  const reason = expect.stringContaining('createPolicy');
  expect(result).toEqual({ faces: 1, execution: { name: 'page', reason } });
  // Chromium reports the refused policy.
  reports.length = 0;
  errors.length = 0;
});
