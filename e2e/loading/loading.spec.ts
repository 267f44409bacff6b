import type { Page, Route } from 'playwright/test';
import { launchChromium } from '../../scripts/kit/browser.ts';
import { heldTensors } from '../../scripts/kit/memory.ts';
import { expect, openLibrary, test } from '../support/library.ts';

type LoadOptions = import('../../lib/index.ts').LoadOptions;

/** Loads, embeds the first sample photo, small, and disposes; what came of it, or the error's code. */
async function tryOut(page: Page, options: LoadOptions = {}) {
  return page.evaluate(async (given) => {
    try {
      const facenet = await library.FaceNet.load({ models: '/models/', ...given });
      const { backend, models } = facenet;
      const faces = await facenet.embed(await smallPhoto(), { thorough: false });
      await facenet.dispose();
      return { faces: faces.length, backend, models, embeddings: faces.map((face) => [...face.embedding]) };
    } catch (error) {
      if (!(error instanceof library.FaceNetError)) throw error;
      return { code: error.code, message: error.message };
    }
  }, options);
}

/** The paths of the files that the cache holds. */
function keptFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const cache = await caches.open('facenet-web-models');
    return (await cache.keys()).map(({ url }) => new URL(url).pathname).sort();
  });
}

/** Answers a request with what the server gives, changed. */
async function fulfilWith(route: Route, change: (body: Buffer) => Buffer): Promise<void> {
  const response = await route.fetch();
  const headers = { ...response.headers() };
  delete headers['content-length'];
  await route.fulfill({ response, headers, body: change(await response.body()) });
}

test('progress never falls, is bytes, and ends at exactly 1', async ({ page }) => {
  for (const when of ['over the network', 'out of the cache']) {
    const reports = await page.evaluate(async () => {
      const reports: import('../../lib/index.ts').Progress[] = [];
      const facenet = await library.FaceNet.load({ models: '/models/', onProgress: (report) => reports.push(report) });
      const after = reports.length;
      await facenet.embed(await photo('/photos/sample1.jpg'));
      await facenet.dispose();
      return reports.length === after ? reports : [];
    });
    expect(reports.length, when).toBeGreaterThan(4);
    for (const [i, { file, loaded, total, progress }] of reports.entries()) {
      expect(file, when).not.toBe('');
      expect(loaded, when).toBeLessThanOrEqual(total);
      expect(progress, when).toBeGreaterThanOrEqual(reports[i - 1]?.progress ?? 0);
      expect(progress === 1, when).toBe(i === reports.length - 1);
    }
    const last = reports.at(-1);
    expect(last?.loaded, when).toBe(last?.total);
    expect(last?.total, when).toBeGreaterThan(5_000_000);
  }
});

test('a second load fetches no weights and no engine, and works where their server is gone', async ({ page }) => {
  const first = await tryOut(page);
  await page.route('**/models/**', (route) => route.abort('internetdisconnected'));
  const second = await tryOut(page);
  expect(first.embeddings).toHaveLength(3);
  expect(second.message).toBeUndefined();
  expect(second.embeddings).toEqual(first.embeddings);
});

test('what was fetched is kept a second later, without a dispose', async ({ page, server, inWorker }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.evaluate(() => library.FaceNet.load({ models: '/models/' }).then(() => {}));
  const needed = asked.filter((path) => path.startsWith('/models/')).sort();
  expect(needed.length).toBeGreaterThan(5);
  await expect.poll(() => keptFiles(page), { timeout: 30_000 }).toEqual(needed);
  await page.route('**/models/**', (route) => route.abort('internetdisconnected'));
  await openLibrary(page, server, inWorker);
  expect((await tryOut(page)).faces).toBe(3);
});

test('persist() writes at once, and tells whether all is kept', async ({ page, context }) => {
  const loadAndKeep = () =>
    page.evaluate(async () => {
      const facenet = await library.FaceNet.load({ models: '/models/' });
      const all = await facenet.persist();
      const files = (await (await caches.open('facenet-web-models')).keys()).length;
      const reason = new Error('changed my mind');
      const aborted = await facenet.persist({ signal: AbortSignal.abort(reason) }).catch((error) => error === reason);
      await facenet.dispose();
      const afterwards = await facenet.persist().catch((error) => error.code);
      return { all, files, aborted, afterwards };
    });
  const { files, ...told } = await loadAndKeep();
  expect(told).toEqual({ all: true, aborted: true, afterwards: 'disposed' });
  expect(files).toBeGreaterThan(5);
  expect(await keptFiles(page), 'there was nothing left to keep').toHaveLength(files);

  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await page.evaluate(() => caches.delete('facenet-web-models'));
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
  expect(await loadAndKeep()).toMatchObject({ all: false });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
});

test('a load that is given up late has kept the files that came, and the next one fetches the rest', async ({
  page,
}) => {
  const weights = '/models/dlib-resnet-34/weights.bin';
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/models/')) asked.push(pathname);
  });
  // Never answered.
  await page.route(`**${weights}*`, () => {});
  const givenUp = page.evaluate(async () => {
    const controller = new AbortController();
    Object.assign(globalThis, { controller });
    return library.FaceNet.load({ models: '/models/', signal: controller.signal }).catch((error) => error);
  });
  await expect(async () => {
    const kept = await keptFiles(page);
    expect(kept.length).toBeGreaterThan(5);
    expect([...kept, weights].sort()).toEqual(asked.toSorted());
  }).toPass({ timeout: 30_000 });
  await page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort('enough'));
  expect(await givenUp).toBe('enough');

  await page.unroute(`**${weights}*`);
  asked.length = 0;
  expect((await tryOut(page)).faces).toBe(3);
  expect(asked.sort()).toEqual([weights, '/models/manifest.json'].sort());
});

test('a damaged file is refused by name, and a damaged copy in the cache is fetched anew', async ({ page }) => {
  const flipped = (body: Buffer) => {
    body.writeUInt8(body.readUInt8(1000) ^ 1, 1000);
    return body;
  };
  await page.route('**/models/dlib-resnet-34/weights.bin*', (route) => fulfilWith(route, flipped));
  const damaged = await tryOut(page);
  expect(damaged.code).toBe('model-corrupt');
  expect(damaged.message).toContain('dlib-resnet-34/weights.bin');

  await page.unroute('**/models/dlib-resnet-34/weights.bin*');
  expect((await tryOut(page)).faces, 'nothing of the damaged file was kept').toBe(3);

  const kept = await page.evaluate(async () => {
    const [name] = await caches.keys();
    const cache = await caches.open(name as string);
    const entries = await cache.keys();
    for (const entry of entries) await cache.put(entry, new Response(new Uint8Array(8)));
    return entries.length;
  });
  expect(kept).toBeGreaterThan(5);
  expect((await tryOut(page)).faces).toBe(3);
});

test('what a server does wrong with a file is told by code and name, and nothing of it is kept', async ({ page }) => {
  const weights = '**/models/dlib-resnet-34/weights.bin*';
  const faults: [string, string, (route: Route) => Promise<void>][] = [
    ['it is not there', 'model-missing', (route) => route.fulfill({ status: 404 })],
    ['the connection breaks', 'model-missing', (route) => route.abort('connectionreset')],
    ['it is cut short', 'model-corrupt', (route) => fulfilWith(route, (body) => body.subarray(0, 1000))],
    ['it is too long', 'model-corrupt', (route) => fulfilWith(route, (body) => Buffer.concat([body, body]))],
    ['it is a web page', 'model-corrupt', (route) => route.fulfill({ body: '<!doctype html>' })],
  ];
  for (const [what, code, fault] of faults) {
    await page.route(weights, fault);
    const result = await tryOut(page);
    expect(result.code, what).toBe(code);
    expect(result.message, what).toContain('dlib-resnet-34/weights.bin');
    await page.unroute(weights);
  }
  expect((await tryOut(page)).faces).toBe(3);
});

test('the last manifest serves where there is no network, and only there', async ({ page }) => {
  expect((await tryOut(page)).faces).toBe(3);
  await page.route('**/manifest.json', (route) => route.abort('internetdisconnected'));
  expect((await tryOut(page)).faces).toBe(3);
  await page.unroute('**/manifest.json');
  await page.route('**/manifest.json', (route) => route.fulfill({ status: 500 }));
  const { code, message } = await tryOut(page);
  expect(code).toBe('model-missing');
  expect(message).toContain('answered 500');
});

test('an error of onProgress reaches the caller as it is', async ({ page }) => {
  const message = await page.evaluate(() => {
    const onProgress = () => {
      throw new Error('my own mistake');
    };
    return library.FaceNet.load({ models: '/models/', onProgress }).catch((error) => String(error));
  });
  expect(message).toBe('Error: my own mistake');
});

test('on an insecure page it says so', async ({ server, inWorker }) => {
  const browser = await launchChromium(['--host-resolver-rules=MAP insecure.test 127.0.0.1']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, { ...server, url: server.url.replace('127.0.0.1', 'insecure.test') }, inWorker);
    expect((await tryOut(page)).code).toBe('insecure-context');
  } finally {
    await browser.close();
  }
});

test('several loads at once share the engines and do not disturb each other', async ({ page }) => {
  const faces = await page.evaluate(async () => {
    const backends = ['wasm', 'webgl', 'wasm', 'auto'] as const;
    const facenets = await Promise.all(
      backends.map((backend) => library.FaceNet.load({ models: '/models/', preset: 'fast', backend })),
    );
    const bitmap = await smallPhoto();
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    // Pixels at hand: nothing but the networks makes these calls wait, so that they take turns most closely.
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height) as ImageData;
    const counts: number[] = [];
    for (let round = 0; round < 2; round++) {
      const found = await Promise.all(facenets.map((facenet) => facenet.embed(pixels, { thorough: false })));
      counts.push(...found.map(({ length }) => length));
    }
    await Promise.all(facenets.map((facenet) => facenet.dispose()));
    return counts;
  });
  expect(faces).toEqual(Array(8).fill(3));
});

test('what is missing or is no manifest is told with a code', async ({ page }) => {
  expect((await tryOut(page, { models: '/nowhere/' })).code).toBe('model-missing');
  expect((await tryOut(page, { models: 'http://[' })).code).toBe('option-invalid');
  expect((await tryOut(page, { models: [] })).code).toBe('option-invalid');
  expect((await tryOut(page, { models: '/photos/' })).code).toBe('model-missing');
  expect((await tryOut(page, { backend: 'cuda' as 'wasm' })).code).toBe('option-invalid');
  const unknown = await tryOut(page, { detector: 'mtcnn' });
  expect(unknown.code).toBe('option-invalid');
  expect(unknown.message).toContain('"blazeface-full"');
  await page.route('**/manifest.json', (route) => route.fulfill({ body: '<!doctype html>' }));
  expect((await tryOut(page)).code).toBe('manifest-invalid');
  await page.route('**/manifest.json', (route) => route.fulfill({ json: { version: 99 } }));
  expect((await tryOut(page)).code).toBe('manifest-invalid');
});

test('of several folders the earlier one is used, and a later one fills in', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.route('**/own/manifest.json', async (route) => {
    const response = await route.fetch({ url: new URL('/models/manifest.json', page.url()).href });
    const manifest = await response.json();
    const [embedder] = manifest.models.filter(({ name }: { name: string }) => name === 'dlib-resnet-34');
    const thresholds = [{ far: 1e-3, distance: 0.25 }];
    const [preset] = manifest.presets;
    const presets = [{ ...preset, calibration: { ...preset.calibration, thresholds } }];
    await route.fulfill({ json: { version: 1, presets, models: [embedder], engines: [] } });
  });
  await page.route('**/own/dlib-resnet-34/*', async (route) => {
    const url = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: url.href.replace('/own/', '/models/') }) });
  });
  const threshold = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: ['/own/', '/models/'] });
    const [a, b] = await facenet.embed(await photo('/photos/sample1.jpg'));
    const { threshold } = facenet.compare(a as never, b as never);
    await facenet.dispose();
    return threshold;
  });
  expect(threshold).toBe(0.25);
  expect(asked).toContain('/own/dlib-resnet-34/weights.bin');
  expect(asked).not.toContain('/models/dlib-resnet-34/weights.bin');
});

test('an abort rejects with its reason at every stage, and leaves nothing behind', async ({ page }) => {
  await page.evaluate(async () => (await library.FaceNet.load({ models: '/models/' })).dispose());
  const before = await heldTensors(page);
  const result = await page.evaluate(async () => {
    const reason = new Error('changed my mind');
    const seen: string[] = [];
    const expectReason = async (what: string, promise: Promise<unknown>) => {
      const error = await promise.then(
        () => 'not aborted',
        (error) => error,
      );
      if (error !== reason) seen.push(`${what}: ${error}`);
    };
    const { FaceNet } = library;
    for (const name of await caches.keys()) await caches.delete(name);
    await expectReason('at once', FaceNet.load({ models: '/models/', signal: AbortSignal.abort(reason) }));
    for (const share of [0.01, 0.3, 0.6, 0.9]) {
      const controller = new AbortController();
      const loading = FaceNet.load({
        models: '/models/',
        signal: controller.signal,
        onProgress: ({ progress }) => progress > share && controller.abort(reason),
      });
      await expectReason(`at ${share}`, loading);
    }
    const facenet = await FaceNet.load({ models: '/models/' });
    const blob = await photo('/photos/sample1.jpg');
    const [face] = await facenet.detect(blob);
    for (const delay of [0, 5, 20, 60]) {
      const signal = () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(reason), delay);
        return controller.signal;
      };
      await expectReason(`detect after ${delay}`, facenet.detect(blob, { signal: AbortSignal.abort(reason) }));
      await Promise.all([
        expectReason(`embed after ${delay}`, facenet.embed(blob, { signal: signal() })),
        face && expectReason('landmarks', facenet.landmarks(blob, face, { signal: AbortSignal.abort(reason) })),
        face && expectReason('align', facenet.align(blob, face, { signal: AbortSignal.abort(reason) })),
      ]);
    }
    const after = await facenet.embed(blob);
    await facenet.dispose();
    return { seen, after: after.length };
  });
  expect(result).toEqual({ seen: [], after: 3 });
  await expect.poll(() => heldTensors(page)).toBe(before);
});

test('wasm and webgl give the same embedding', async ({ page }) => {
  const wasm = await tryOut(page, { backend: 'wasm' });
  const webgl = await tryOut(page, { backend: 'webgl' });
  expect(wasm.backend?.name).toBe('wasm');
  expect(webgl.backend?.name).toBe('webgl');
  expect(webgl.embeddings).toHaveLength(3);
  for (const [i, embedding] of (wasm.embeddings ?? []).entries()) {
    const other = webgl.embeddings?.[i] ?? [];
    const distance = Math.hypot(...embedding.map((value, j) => value - (other[j] ?? Number.NaN)));
    // Two people are further apart than 0.37 in 999 of 1,000 pairs.
    expect(distance).toBeLessThan(0.01);
  }
});

test('auto takes a backend that works and tells why', async ({ page }) => {
  const { backend } = await tryOut(page);
  expect(backend?.name).toBe('wasm');
  expect(backend?.reason).toContain('correctly');
  // Here WebGPU is missing and WebGL is emulated, which would be slower than WebAssembly.
  expect(backend?.rejected.map(({ name }) => name)).toEqual(['webgpu', 'webgl']);
});

test('a backend that gives wrong answers is not taken', async ({ page }) => {
  await page.route('**/manifest.json', async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    for (const model of manifest.models) {
      if (model.name === 'dlib-resnet-34') model.selfCheck[0].values[0] += 1;
    }
    await route.fulfill({ json: manifest });
  });
  const { code, message } = await tryOut(page);
  expect(code).toBe('backend-unavailable');
  expect(message).toContain('dlib-resnet-34 failed its self-check');
});

test('without WebGL the same detector takes over on WebAssembly', async ({ server, inWorker }) => {
  const browser = await launchChromium(['--disable-gpu', '--disable-software-rasterizer', '--disable-webgl']);
  try {
    const page = await browser.newPage();
    await openLibrary(page, server, inWorker);
    const { faces, models, backend } = await tryOut(page, { detector: 'mediapipe-blazeface-full' });
    expect(models?.detector).toBe('blazeface-full');
    expect(backend?.name).toBe('wasm');
    expect(faces).toBe(3);
    expect((await tryOut(page)).faces).toBe(3);
    expect((await tryOut(page, { backend: 'webgl' })).code).toBe('backend-unavailable');
  } finally {
    await browser.close();
  }
});

test('every request stays on the page’s own origin', async ({ page, server }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) elsewhere.push(url);
  });
  for (const detector of ['mediapipe-blazeface-full', 'blazeface-full']) {
    expect((await tryOut(page, { detector })).faces).toBe(3);
  }
  expect(elsewhere).toEqual([]);
});
