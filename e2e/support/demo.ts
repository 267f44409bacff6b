import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Page, test as plain } from 'playwright/test';
import sirv from 'sirv';
import { hashesOf } from '../../demo/build/service-worker.ts';
import { chromiumFlags, findChromium } from '../../scripts/kit/chromium.mjs';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The photos of @vladmandic/face-api. {@link serveTestPhotos} serves them, because the demo contains only parts of them. */
const testPhotos = path('../../node_modules/@vladmandic/face-api/demo/');

/** The views of the demo, as in its addresses. */
export const views = ['live', 'photos', 'compare', 'gallery', 'lab'] as const;

/** What a page must not do. */
export interface Complaints {
  /** Requests to another origin. */
  outside: string[];
  /** Console errors, uncaught errors and violations of the Content-Security-Policy. */
  errors: string[];
}

/**
 * A test that fails if its page makes a complaint, unless the test removes it from the list. The page has no service worker, which
 * would download all files once more.
 */
export const test = plain.extend<{ complaints: Complaints }>({
  serviceWorkers: 'block',
  complaints: [
    async ({ page, baseURL }, use) => {
      const complaints = await watch(page, String(baseURL));
      await serveTestPhotos(page);
      await use(complaints);
      plain.expect(complaints).toEqual({ outside: [], errors: [] });
    },
    { auto: true },
  ],
});
export { expect } from 'playwright/test';

/**
 * A {@link test} whose page is shared with the other tests of its kind, and stays loaded. For tests that change nothing that the
 * page keeps, and that open their view anew.
 */
export const sharedTest = plain.extend<{ page: Page; complaints: Complaints }, { demo: [Page, Complaints] }>({
  demo: [
    async ({ browser }, use, { project }) => {
      const baseURL = String(project.use.baseURL);
      const context = await browser.newContext({ baseURL, locale: 'en', serviceWorkers: 'block' });
      const page = await context.newPage();
      const complaints = await watch(page, baseURL);
      await serveTestPhotos(page);
      await use([page, complaints]);
      await context.close();
    },
    { scope: 'worker' },
  ],
  page: ({ demo: [page] }, use) => use(page),
  complaints: [
    async ({ demo: [, complaints] }, use) => {
      await use(complaints);
      const { outside, errors } = complaints;
      plain.expect({ outside: outside.splice(0), errors: errors.splice(0) }).toEqual({ outside: [], errors: [] });
    },
    { auto: true },
  ],
});

/** Serves the photos of @vladmandic/face-api to a page under `test-photos/`: sample1.jpg to sample6.jpg. */
export async function serveTestPhotos(page: Page): Promise<void> {
  await page.route('**/test-photos/*.jpg', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    return route.fulfill({ path: `${testPhotos}${name}` });
  });
}

/** Collects the complaints of a page from now on. */
export async function watch(page: Page, baseURL: string): Promise<Complaints> {
  const complaints: Complaints = { outside: [], errors: [] };
  const { origin } = new URL(baseURL);
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('blob:') && new URL(url).origin !== origin) complaints.outside.push(url);
  });
  page.on('pageerror', (error) => complaints.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.errors.push(message.text());
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`Content-Security-Policy: ${violatedDirective} ${blockedURI}`),
    );
  });
  return complaints;
}

/** Checks the page with axe. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
  plain.expect(violations).toEqual([]);
}

/** Opens a view and waits until the networks are loaded. */
export async function openView(page: Page, address: string): Promise<void> {
  await page.goto(`./${address}`);
  await page.locator('.model-status[data-status="ready"]').waitFor({ timeout: 120_000 });
}

/** The centre of a face in a photo of {@link serveTestPhotos}, in pixels. */
export interface Head {
  sample: number;
  x: number;
  y: number;
}

/** Two of the women in the last of these photos. */
export const ada: Head = { sample: 6, x: 345, y: 600 };
export const stranger: Head = { sample: 6, x: 1592, y: 440 };

/**
 * Writes a video for Chromium's fake camera: a face from a photo, swaying and tilting with a period of two seconds. The file is
 * Motion JPEG: concatenated JPEGs suffice.
 */
export async function makeFilm(page: Page, head: Head, film: string): Promise<void> {
  const frames = await page.evaluate(async ({ sample, x, y }) => {
    const photo = await createImageBitmap(await (await fetch(`test-photos/sample${sample}.jpg`)).blob());
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    return Array.from({ length: 60 }, (_, i) => {
      const swing = Math.sin((i / 60) * 2 * Math.PI);
      context.resetTransform();
      context.fillStyle = '#888';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.translate(320 + 50 * swing, 240);
      context.rotate((swing * 8 * Math.PI) / 180);
      context.scale(1.2, 1.2);
      context.drawImage(photo, -x, -y);
      return canvas.toDataURL('image/jpeg', 0.85);
    });
  }, head);
  const bytes = frames.map((address) => Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'));
  await writeFile(film, Buffer.concat(bytes));
}

/** The options of a Chromium whose fake camera plays a video, or with several fake cameras. */
export function cameraOptions(film?: string, cameras = 1) {
  const flags = ['--use-fake-ui-for-media-stream', `--use-fake-device-for-media-stream=device-count=${cameras}`];
  if (film) flags.push(`--use-file-for-fake-video-capture=${film}`);
  return { executablePath: findChromium() ?? '', args: [...chromiumFlags, ...flags] };
}

/** The built demo on a static host, under a path, without headers. */
export interface Host {
  url: string;
  /** Serves a new version of the service worker from now on. */
  update(): void;
  /**
   * Deploys another version of an HTML file.
   *
   * @param uploaded what the host already has of it: the service worker that lists it, or everything.
   */
  deploy(path: string, content: string, uploaded: 'service worker' | 'all'): void;
  /** Stops the host: the page is offline. */
  close(): Promise<void>;
}

export async function hostDemo(): Promise<Host> {
  const folder = path('../../dist-demo');
  const serve = sirv(folder, { dev: true, etag: true });
  const below = '/some/where/';
  let version = 0;
  /** The files of the deployment after the built one. */
  const deployed = new Map<string, { content: string; served: boolean }>();
  const serviceWorkerText = () => {
    let text = readFileSync(`${folder}/service-worker.js`, 'utf8');
    for (const [path, { content }] of deployed) {
      const [old, current] = [hashesOf(readFileSync(`${folder}/${path}`)), hashesOf(content)];
      text = text.replace(old.revision, current.revision).replace(old.integrity, current.integrity);
    }
    return version > 0 ? `${text}\n// ${version}` : text;
  };
  const server = createServer((request, response) => {
    if (!request.url?.startsWith(below)) return void response.writeHead(404).end();
    request.url = request.url.slice(below.length - 1);
    if (request.url === '/service-worker.js') {
      response.setHeader('Content-Type', 'text/javascript');
      return void response.end(serviceWorkerText());
    }
    const file = deployed.get(request.url.slice(1) || 'index.html');
    if (file?.served) {
      response.setHeader('Content-Type', 'text/html');
      return void response.end(file.content);
    }
    serve(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}${below}`,
    update: () => {
      version++;
    },
    deploy: (path, content, uploaded) => deployed.set(path, { content, served: uploaded === 'all' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
