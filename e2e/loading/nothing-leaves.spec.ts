import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright/test';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { cameraOptions } from '../support/demo.ts';
import { expect, openLibrary, photos, test } from '../support/library.ts';

/** The channels by which a page can send data. The test uses each once, to a host of its own, which the net log must contain. */
const control = 'control.invalid';
const channels = ['fetch', 'beacon', 'websocket', 'webrtc', 'dns-prefetch', 'preconnect', 'worker', 'service-worker'];

/** A service worker that sends a request when it is installed. */
const controlServiceWorker = `self.addEventListener('install', (event) => event.waitUntil(
  fetch('https://service-worker.${control}/').catch(() => {})))`;

/** Runs in the page: uses all channels. */
async function useChannels(host: string): Promise<void> {
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
  // Some channels have no event for the end of the look-up.
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

/** The views of the demo by address, and the actions of the test in each. */
const views: Record<string, (demo: Page) => Promise<void>> = {
  '': async (demo) => {
    await demo.getByRole('button', { name: 'Start the camera' }).click();
    await expect(demo.locator('.figures')).toContainText('fps', { timeout: 120_000 });
    await demo.getByRole('button', { name: 'Stop' }).click();
  },
  '#/photos': async (demo) => {
    await demo.locator('.photos input[multiple]:not([webkitdirectory])').setInputFiles(`${photos}/sample1.jpg`);
    await expect(demo.locator('.queue[data-phase=done]')).toBeVisible({ timeout: 200_000 });
  },
  '#/live?samples': async (demo) => {
    await demo.getByRole('button', { name: 'Remember this face' }).first().click({ timeout: 120_000 });
    await demo.getByRole('textbox', { name: 'Who is this?' }).fill('Ada');
    await demo.getByRole('button', { name: 'Remember', exact: true }).click();
    await expect(demo.locator('.in-view')).toContainText('Ada', { timeout: 120_000 });
  },
  '#/compare?a=0&b=0': async (demo) => {
    for (const [slot, number] of [
      ['First photo', 3],
      ['Second photo', 4],
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

/** Runs in the page before its scripts: records the use of channels that are not requests. */
function recordChannels(): void {
  const used: string[] = [];
  Object.assign(globalThis, { usedChannels: used });
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

/** The recorded channels, and the resource hints and forms of the page that name another origin. */
async function usedChannels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const hints = [...document.querySelectorAll<HTMLLinkElement>('link[rel]')]
      .filter(({ rel }) => /dns-prefetch|preconnect|prefetch|preload|prerender/.test(rel))
      .filter(({ href }) => new URL(href).origin !== location.origin)
      .map(({ rel, href }) => `${rel} ${href}`);
    const forms = [...document.forms]
      .map(({ action }) => action)
      .filter((action) => new URL(action).origin !== location.origin);
    return [...(globalThis as unknown as { usedChannels: string[] }).usedChannels, ...hints, ...forms];
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
 * The hosts that the browser looked up and the addresses that it requested for these sites. Its own requests, such as updates, have
 * other network keys.
 */
function requestedFor(sites: readonly string[], netLog: string): string[] {
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
  // Look-ups for WebRTC have no key: they count as the sites' unless the host is known as the browser's.
  for (const { type, params: { hostname = '' } = {} } of events) {
    const name = hostname.replace(/\.$/, '');
    if (name && !own.has(name) && isOf(type, ['DNS_TRANSACTION', 'HOST_RESOLVER_SYSTEM_TASK'])) {
      theirs.add(`dns://${name}`);
    }
  }
  return [...theirs].sort();
}

test('sends no request and no DNS query to another host, in any view, worker or service worker', async ({
  baseURL,
}, testInfo) => {
  test.slow();
  const controlFolder = testInfo.outputPath('control');
  mkdirSync(controlFolder, { recursive: true });
  writeFileSync(join(controlFolder, 'worker.js'), controlServiceWorker);
  const server = await serveLibrary({ '/photos': photos, '/control': controlFolder });
  const log = testInfo.outputPath('net-log.json');
  const { executablePath, args } = cameraOptions();
  // A persistent context, because an incognito one ignores resource hints. Autofill would send the forms to Google.
  const context = await chromium.launchPersistentContext(testInfo.outputPath('profile'), {
    executablePath,
    args: [...args, `--log-net-log=${log}`, '--disable-features=AutofillServerCommunication'],
    locale: 'en',
  });
  const requests: string[] = [];
  const pageErrors: string[] = [];
  try {
    await context.addInitScript(recordChannels);
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
        const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', ...options });
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
    expect(await usedChannels(page)).toEqual([]);

    const demo = await context.newPage();
    demo.on('pageerror', (error) => pageErrors.push(String(error)));
    for (const [view, act] of Object.entries(views)) {
      await demo.goto(new URL(view, baseURL).href);
      await act(demo);
      expect(await usedChannels(demo), view).toEqual([]);
    }
    // The service worker answers the second visit.
    await demo.reload();
    await demo.waitForLoadState('networkidle');
    expect(await demo.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
    expect(await usedChannels(demo)).toEqual([]);

    const last = await context.newPage();
    await last.goto(server.url);
    await last.evaluate(useChannels, control);
  } finally {
    await context.close();
    await server.close();
  }
  const origins = [server.url, String(baseURL)].map((url) => new URL(url).origin);
  // Network keys name sites, which have no port.
  const inLog = requestedFor(
    origins.map((origin) => origin.replace(/:\d+$/, '')),
    log,
  );
  const elsewhere = (address: string) => !origins.includes(new URL(address).origin);
  expect(inLog.length).toBeGreaterThan(20);
  // Exactly the channels of the end: the log misses none.
  const hosts = [...new Set(inLog.filter(elsewhere).map((address) => new URL(address).hostname))];
  expect(hosts.sort()).toEqual(channels.map((channel) => `${channel}.${control}`).sort());
  const requested = requests.filter((url) => !/^(blob|data):/.test(url) && elsewhere(url));
  expect(requested.filter((url) => !new URL(url).hostname.endsWith(`.${control}`))).toEqual([]);
  expect(requested.map((url) => new URL(url).hostname)).toContain(`fetch.${control}`);
  expect(pageErrors).toEqual([]);
});
