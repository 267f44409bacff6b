import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright/test';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { startMovingFaces } from '../../scripts/kit/moving-faces.ts';
import { cameraOptions } from '../support/demo.ts';
import { expect, openLibrary, test } from '../support/library.ts';

const photos = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo', import.meta.url));
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Ways out of a page, each of which is taken once at the very end, to a host of its own: the net log has to tell of every one. */
const control = 'control.invalid';
const controls = ['fetch', 'beacon', 'websocket', 'webrtc', 'dns-prefetch', 'preconnect', 'worker', 'service-worker'];

/** The service worker's way, when it is installed. */
const controlServiceWorker = `self.addEventListener('install', (event) => event.waitUntil(
  fetch('https://service-worker.${control}/').catch(() => {})))`;

/** Runs in a page: takes them all. */
async function takeWaysOut(host: string): Promise<void> {
  await fetch(`https://fetch.${host}/`).catch(() => {});
  navigator.sendBeacon(`https://beacon.${host}/`, 'x');
  await new Promise((resolve) => {
    new WebSocket(`wss://websocket.${host}/`).onerror = resolve;
  });
  const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:webrtc.${host}` }] });
  connection.createDataChannel('x');
  await connection.setLocalDescription();
  for (const rel of ['dns-prefetch', 'preconnect']) {
    document.head.append(Object.assign(document.createElement('link'), { rel, href: `https://${rel}.${host}` }));
  }
  const script = `fetch('https://worker.${host}/').catch(() => {}).then(() => postMessage('done'))`;
  await new Promise((resolve) => {
    new Worker(URL.createObjectURL(new Blob([script]))).onmessage = resolve;
  });
  await navigator.serviceWorker.register('/control/worker.js');
  // Not all of them tell when their hosts were looked up.
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

/** The demo's views, by their addresses, and what is done in each. */
const views: Record<string, (demo: Page) => Promise<void>> = {
  '': async (demo) => {
    await demo.getByRole('button', { name: 'Start the camera' }).click();
    await expect(demo.locator('.figures')).toContainText('fps', { timeout: 120_000 });
    await demo.getByRole('button', { name: 'Stop' }).click();
  },
  '#/photos': async (demo) => {
    await demo.getByRole('button', { name: 'Try 6 sample photos' }).click();
    await expect(demo.locator('.queue[data-phase=done]')).toBeVisible({ timeout: 200_000 });
    await expect(demo.locator('.person-card').first()).toBeVisible();
  },
  '#/live?samples': async (demo) => {
    await demo.getByRole('button', { name: 'Remember this face' }).first().click({ timeout: 120_000 });
    await demo.getByRole('textbox', { name: 'Who is this?' }).fill('Ada');
    await demo.getByRole('button', { name: 'Remember', exact: true }).click();
    await expect(demo.locator('.in-view')).toContainText('Ada', { timeout: 120_000 });
  },
  '#/compare?a=0&b=0': async (demo) => {
    for (const [slot, number] of [
      ['First photo', 1],
      ['Second photo', 3],
    ] as const) {
      const sample = demo.getByRole('region', { name: slot }).getByRole('button', { name: `Sample photo ${number}` });
      await sample.click();
    }
    await expect(demo.getByRole('region', { name: 'Verdict' })).toContainText('Same person', { timeout: 120_000 });
  },
  '#/lab?panel=training': async (demo) => {
    await demo.getByRole('button', { name: 'Start training' }).click();
    await expect(demo.getByText(/^Epoch \d+ of \d+/)).toBeVisible({ timeout: 200_000 });
  },
};

/** Runs in the page before anything else: keeps record of every way out that is no request. */
function watchWaysOut(): void {
  const used: string[] = [];
  Object.assign(globalThis, { waysOut: used });
  for (const name of ['WebSocket', 'RTCPeerConnection', 'EventSource', 'WebTransport'] as const) {
    const Native = (globalThis as Record<string, unknown>)[name] as (new (...args: unknown[]) => object) | undefined;
    if (!Native) continue;
    const Watched = class extends Native {
      constructor(...args: unknown[]) {
        used.push(`${name} ${args[0]}`);
        super(...args);
      }
    };
    Object.assign(globalThis, { [name]: Watched });
  }
  const { sendBeacon } = navigator;
  navigator.sendBeacon = (...args) => {
    used.push(`sendBeacon ${args[0]}`);
    return sendBeacon.apply(navigator, args);
  };
}

/** What a page offers the browser to fetch early from elsewhere, and what else it used to get out. */
async function waysOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const hints = [...document.querySelectorAll<HTMLLinkElement>('link[rel]')]
      .filter(({ rel }) => /dns-prefetch|preconnect|prefetch|preload|prerender/.test(rel))
      .filter(({ href }) => new URL(href).origin !== location.origin)
      .map(({ rel, href }) => `${rel} ${href}`);
    const forms = [...document.forms]
      .map(({ action }) => action)
      .filter((action) => new URL(action).origin !== location.origin);
    return [...(globalThis as unknown as { waysOut: string[] }).waysOut, ...hints, ...forms];
  });
}

interface NetLog {
  constants: { logEventTypes: Record<string, number> };
  events: {
    type: number;
    params?: {
      host?: string;
      hostname?: string;
      url?: string;
      network_anonymization_key?: string;
      network_isolation_key?: string;
    };
  }[];
}

/**
 * Every host that the browser looked up, and every address that it asked, but for what it did for itself (updates and the like):
 * such hosts have keys of their own and none of the pages' sites.
 */
function askedFor(sites: readonly string[], netLog: string): string[] {
  const { constants, events } = JSON.parse(readFileSync(netLog, 'utf8')) as NetLog;
  const isOf = (type: number, kinds: readonly string[]) => kinds.some((kind) => constants.logEventTypes[kind] === type);
  const keyed = ['HOST_RESOLVER_MANAGER_REQUEST', 'HOST_RESOLVER_MANAGER_JOB', 'URL_REQUEST_START_JOB'];
  const [theirs, own] = [new Set<string>(), new Set<string>()];
  for (const { type, params = {} } of events) {
    const { host, url, network_anonymization_key: anonymous, network_isolation_key: isolated } = params;
    const address = host ?? url;
    const keys = [anonymous, isolated].filter((key) => key !== undefined);
    if (!address || keys.length === 0 || !isOf(type, keyed) || /^(blob|data):/.test(address)) continue;
    const isTheirs = sites.some((site) => keys.some((key) => key.includes(site)));
    if (isTheirs) theirs.add(address);
    else own.add(new URL(address).hostname);
  }
  // A look-up for WebRTC has no key: whatever name was asked for is the pages' unless it is known as the browser's.
  for (const { type, params: { hostname = '' } = {} } of events) {
    const name = hostname.replace(/\.$/, '');
    if (name && !own.has(name) && isOf(type, ['DNS_TRANSACTION', 'HOST_RESOLVER_SYSTEM_TASK'])) {
      theirs.add(`dns://${name}`);
    }
  }
  return [...theirs].sort();
}

test('nothing leaves: no host but the page’s own is even looked up, by any view, worker or service worker', async ({
  baseURL,
}, testInfo) => {
  test.slow();
  const controlFolder = testInfo.outputPath('control');
  mkdirSync(controlFolder, { recursive: true });
  writeFileSync(join(controlFolder, 'worker.js'), controlServiceWorker);
  const server = await serveLibrary({ '/photos': photos, '/control': controlFolder });
  const log = testInfo.outputPath('net-log.json');
  const { executablePath, args } = cameraOptions();
  // Not incognito, where Chromium follows no hint. Its autofill asks its maker about every form that a page has.
  const context = await chromium.launchPersistentContext(testInfo.outputPath('profile'), {
    executablePath,
    args: [...args, `--log-net-log=${log}`, '--disable-features=AutofillServerCommunication'],
    locale: 'en',
  });
  const requests: string[] = [];
  const complaints: string[] = [];
  try {
    await context.addInitScript(watchWaysOut);
    context.on('request', (request) => requests.push(request.url()));

    const page = await context.newPage();
    await openLibrary(page, server);
    const done = await page.evaluate(async () => {
      const [{ Gallery }, { clusterFaces }] = (await Promise.all(
        ['gallery', 'clustering'].map((name) => import(`/dist/${name}.js`)),
      )) as [typeof import('../../lib/gallery/index.ts'), typeof import('../../lib/clustering/index.ts')];
      const blob = await photo('/photos/sample1.jpg');
      let faces = 0;
      for (const options of [{}, { worker: false, detector: 'mediapipe-blazeface-full' }]) {
        const facenet = await library.FaceNet.load({ models: '/models/', ...options });
        const gallery = await Gallery.open({ name: 'people', facenet });
        const found = await facenet.embed(blob, { thorough: false });
        for (const face of found) await gallery.enrol({ name: 'somebody' }, face, { allow: ['other-person'] });
        await gallery.identify(found[0] as never);
        await clusterFaces(found, facenet);
        faces += found.length;
        await gallery.erase();
        await facenet.dispose();
      }
      return faces;
    });
    expect(done).toBe(6);
    expect(await waysOut(page)).toEqual([]);

    const demo = await context.newPage();
    demo.on('pageerror', (error) => complaints.push(String(error)));
    for (const [view, act] of Object.entries(views)) {
      await demo.goto(new URL(view, baseURL).href);
      await act(demo);
      expect(await waysOut(demo), view).toEqual([]);
    }
    // The service worker answers a second visit.
    await demo.reload();
    await demo.waitForLoadState('networkidle');
    expect(await demo.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
    expect(await waysOut(demo)).toEqual([]);

    const last = await context.newPage();
    await last.goto(server.url);
    await last.evaluate(takeWaysOut, control);
  } finally {
    await context.close();
    await server.close();
  }
  const origins = [server.url, String(baseURL)].map((url) => new URL(url).origin);
  // The browser's keys know sites only, which have no port.
  const asked = askedFor(
    origins.map((origin) => origin.replace(/:\d+$/, '')),
    log,
  );
  const elsewhere = (address: string) => !origins.includes(new URL(address).origin);
  expect(asked.length).toBeGreaterThan(20);
  // Nothing but the controls of the end: and of these each one, so that the log is blind to no way out.
  const hosts = [...new Set(asked.filter(elsewhere).map((address) => new URL(address).hostname))];
  expect(hosts.sort()).toEqual(controls.map((way) => `${way}.${control}`).sort());
  const requested = requests.filter((url) => !/^(blob|data):/.test(url) && elsewhere(url));
  expect(requested.filter((url) => !new URL(url).hostname.endsWith(`.${control}`))).toEqual([]);
  expect(requested.map((url) => new URL(url).hostname)).toContain(`fetch.${control}`);
  expect(complaints).toEqual([]);
});

/** As strict as a page can be: its own scripts and WebAssembly only, no address but its own, one Trusted Types policy. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  // blob: is how <face-net> shows its photo.
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types facenet-web',
].join('; ');

test('the whole library runs under a strict Content-Security-Policy with Trusted Types, without one violation', async ({
  browser,
}) => {
  const reports: string[] = [];
  const collector: HttpServer = createServer((request, response) => {
    request.on('data', (data) => reports.push(String(data)));
    request.on('end', () => response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end());
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  // Workers take the policy of their own script's answer: it is on every one, and reports from everywhere.
  const headers = { 'Content-Security-Policy': `${policy}; report-uri http://127.0.0.1:${port}/` };
  const server = await serveLibrary({ '/photos': photos, '/second': dist }, { headers });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(server.url);
    await page.evaluate(`globalThis.makeVideo = ${startMovingFaces}`);
    const seen = await page.evaluate(async () => {
      const names = ['facenet-web', 'gallery', 'clustering', 'training', 'evaluation', 'liveness', 'element'];
      const modules = await Promise.all(names.map((name) => import(`/dist/${name}.js`)));
      const [{ FaceNet }, { Gallery }, { clusterFaces }, { trainHead }, { rocCurve }, { Liveness }] = modules as [
        typeof import('../../lib/index.ts'),
        typeof import('../../lib/gallery/index.ts'),
        typeof import('../../lib/clustering/index.ts'),
        typeof import('../../lib/training/index.ts'),
        typeof import('../../lib/evaluation/index.ts'),
        typeof import('../../lib/liveness/index.ts'),
      ];
      const blob = await (await fetch('/photos/sample1.jpg')).blob();
      const facenet = await FaceNet.load({ models: '/models/' });
      const faces = await facenet.embed(blob, { thorough: false });
      const [face] = faces as [(typeof faces)[0]];
      const gallery = await Gallery.open({ name: 'strict', facenet, passphrase: 'sesame' });
      await gallery.enrol({ name: 'Ada' }, face, { crop: await facenet.align(blob, face) });
      const { match } = await gallery.identify(face);
      const clusters = await clusterFaces(faces, facenet);
      let followed = 0;
      const actor = { photo: '/photos/sample1.jpg', box: face.box, x: 320, y: 240, sway: 20, period: 3000, size: 150 };
      const { video, stop } = await (globalThis as unknown as { makeVideo: typeof startMovingFaces }).makeVideo([
        { ...actor, seen: [[0, 1e9]] },
      ]);
      for await (const frame of facenet.watch(video, { gallery })) {
        followed += frame.faces.length;
        if (followed >= 3) break;
      }
      stop();
      const onPage = await FaceNet.load({ models: '/models/', worker: false });
      const again = await onPage.embed(blob, { thorough: false });
      await onPage.dispose();
      await gallery.erase();
      // Forty made-up embeddings of ten people, who are not easily told apart, teach a head for an epoch, in its worker.
      const examples = Array.from({ length: 40 }, (_, i) => ({
        embedding: Float32Array.from({ length: 16 }, (_, at) => Number(at === i % 10) + 2 * Math.random()),
        model: 'made-up',
        person: i % 10,
      }));
      const head = await trainHead(examples, { epochs: 1, worker: true });
      const { epochs } = head.report;
      head.dispose();
      const curve = rocCurve([0.1, 0.2, 0.3, 0.9].map((distance, i) => ({ distance, same: i < 2 })));
      const liveness = await Liveness.load({ models: '/models/' });
      const { antispoof } = await liveness.score(blob, face);
      await liveness.dispose();
      const element = document.createElement('face-net');
      element.setAttribute('models', '/models/');
      element.setAttribute('source', '/photos/sample1.jpg');
      const shown = new Promise<number>((resolve, reject) => {
        element.addEventListener('faces', ({ detail }) => resolve(detail.faces.length));
        element.addEventListener('error', ({ detail }) => reject(detail));
      });
      document.body.append(element);
      const inElement = await shown;
      element.remove();
      const { execution } = facenet;
      await facenet.dispose();
      return {
        execution: execution.name,
        faces: faces.length,
        again: again.length,
        match: match?.person.name,
        clusters: clusters.length,
        epochs,
        curve: curve.length > 1,
        antispoof: antispoof >= 0 && antispoof <= 1,
        inElement,
      };
    });
    expect(seen).toEqual({
      execution: 'worker',
      faces: 3,
      again: 3,
      match: 'Ada',
      clusters: 3,
      epochs: 1,
      curve: true,
      antispoof: true,
      inElement: 3,
    });
    expect(complaints).toEqual([]);
    // The collector does hear of a violation, once there is one.
    expect(reports).toEqual([]);
    await page.evaluate(() => fetch('https://elsewhere.invalid/').catch(() => {}));
    await expect.poll(() => reports.join()).toContain('elsewhere.invalid');

    // A second copy of the library is refused a policy of the same name, and does its work on the page.
    const second = await page.evaluate(async () => {
      const { FaceNet } = (await import('/second/facenet-web.js' as string)) as typeof import('../../lib/index.ts');
      const facenet = await FaceNet.load({ models: '/models/', preset: 'fast' });
      const blob = await (await fetch('/photos/sample1.jpg')).blob();
      const faces = await facenet.embed(blob, { thorough: false });
      const { execution } = facenet;
      await facenet.dispose();
      return { faces: faces.length, execution: execution.name, reason: execution.reason };
    });
    expect(second).toMatchObject({ faces: 3, execution: 'page', reason: expect.stringContaining('createPolicy') });
  } finally {
    await context.close();
    await server.close();
    collector.close();
  }
});
