import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { type Server, serveFolder } from '../../scripts/kit/browser.ts';
import { startElectronApp } from '../support/apps.ts';
import { blockOf, blocksOf } from '../support/documents.ts';
import { expect, test } from '../support/library.ts';
import { drawnPixels, withCamera } from '../support/webcam.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The code blocks that {@link recipe} returned. */
const tested: string[] = [];
function recipe(name: string, language: string, text: string): string {
  const code = blockOf(`docs/recipes/${name}.md`, language, text);
  tested.push(code);
  return code;
}

const webcamPage = recipe('webcam', 'html', '<video');
const webcamScript = recipe('webcam', 'js', 'main.js');
const offlineScript = recipe('offline', 'js', 'main.js');
const offlineWorker = recipe('offline', 'js', 'service-worker.js, beside');
const strictPolicy = recipe('strict-csp', 'html', 'Content-Security-Policy');
const desktopMain = recipe('desktop', 'js', 'protocol.handle');

/** The import map of README.md's page without a bundler. */
const [importMap = ''] =
  /<script type="importmap">[\s\S]*?<\/script>\n/.exec(blockOf('README.md', 'html', 'importmap')) ?? [];

/** snippets.spec.ts runs TypeScript, and frameworks.spec.ts components. Settings and commands are not run. */
const notTestedHere = /^(tsx?|vue|svelte|json|sh)$/;

test('every recipe in HTML or JavaScript is tested here', () => {
  const pages = readdirSync(`${root}docs/recipes`).filter((file) => file !== 'README.md');
  const blocks = pages.flatMap((file) => blocksOf(`docs/recipes/${file}`));
  const left = blocks.filter(({ language }) => !notTestedHere.test(language)).map(({ code }) => code);
  expect(left.toSorted()).toEqual(tested.toSorted());
});

test('webcam: marks the faces of the camera after a click', async ({ browserName: _ }, testInfo) => {
  test.setTimeout(180_000);
  const html = webcamPage.replace('<script', `${importMap}<script`);
  await withCamera(testInfo.outputPath('camera.mjpeg'), html, async (page) => {
    await serveScript(page, webcamScript);
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
    await expect(page.getByRole('button')).toBeDisabled();
  });
});

/** The photos of known people that docs/migrating.md enrols. */
const photosOfPeople: Record<string, string> = {
  '/people/Ada/1.jpg': 'man-webcam.jpg',
  '/people/Ada/2.jpg': 'man-suit.jpg',
  '/people/Bob/1.jpg': 'officer.jpg',
  '/people/Bob/2.jpg': 'officer-print.jpg',
};

test('the page that docs/migrating.md ports enrols the people, and marks the faces of the camera', async ({
  browserName: _,
}, testInfo) => {
  test.setTimeout(180_000);
  const html = blockOf('docs/migrating.md', 'html', 'src="main.js"').replace('<script', `${importMap}<script`);
  await withCamera(testInfo.outputPath('camera.mjpeg'), html, async (page) => {
    await page.route('**/people/*/*.jpg', async (route) => {
      const photo = photosOfPeople[new URL(route.request().url()).pathname];
      await route.fulfill({ path: `${root}demo/samples/${photo}` });
    });
    await serveScript(page, blockOf('docs/migrating.md', 'js', "getElementById('video')"));
    await expect.poll(() => drawnPixels(page), { timeout: 120_000 }).toBeGreaterThan(500);
  });
});

test.describe('offline', () => {
  let server: Server;
  let folder: string;

  test.beforeEach(async ({ browserName: _ }, testInfo) => {
    folder = testInfo.outputPath('site');
    mkdirSync(folder, { recursive: true });
    symlinkSync(`${root}dist`, join(folder, 'facenet-web'));
    symlinkSync(`${root}public/models`, join(folder, 'models'));
    const link = '<link rel="icon" href="data:,">';
    writeFileSync(
      join(folder, 'index.html'),
      `<!doctype html>${link}${importMap}<script type="module" src="main.js"></script>`,
    );
    publish('page-1', 'The models are stored.');
    server = await serveFolder(folder);
  });
  test.afterEach(() => server.close());

  /** Writes the page and its service worker for a release. */
  function publish(cache: string, text: string): void {
    writeFileSync(join(folder, 'main.js'), offlineScript.replace('The models are stored.', text));
    writeFileSync(join(folder, 'service-worker.js'), offlineWorker.replace('page-1', cache));
  }

  const caches = (page: Page) =>
    page.evaluate(async () => (await globalThis.caches.keys()).filter((name) => name.startsWith('page-')));

  test('the page works without a network after one reload, and takes the files of a new release', async ({
    browser,
  }) => {
    test.setTimeout(240_000);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await expect(page.locator('body')).toContainText('The models are stored.', { timeout: 60_000 });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await page.reload();
    await expect(page.locator('body')).toContainText('The models are stored.', { timeout: 60_000 });

    await context.setOffline(true);
    await page.reload();
    await expect(page.locator('body')).toContainText('The models are stored.', { timeout: 60_000 });
    await context.setOffline(false);

    publish('page-2', 'Release 2.');
    await page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration()) as ServiceWorkerRegistration;
      await registration.update();
    });
    const waits = () => page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));
    await expect.poll(waits).toBe(true);
    await page.reload();
    await expect(page.locator('body'), 'one release until all tabs are closed').toContainText('The models are stored.');
    await page.close();

    const next = await context.newPage();
    await expect
      .poll(async () => {
        // Without a page of it, the new service worker is activated.
        await next.goto('about:blank');
        await next.goto(server.url);
        return caches(next);
      })
      .toEqual(['page-2']);
    await next.reload();
    await expect(next.locator('body')).toContainText('Release 2.', { timeout: 60_000 });
    await context.close();
  });
});

test('strict policy: loads in a worker, and permits an import map by its hash', async ({
  browserName: _,
}, testInfo) => {
  const [, inline = ''] = /<script type="importmap">([\s\S]*)<\/script>/.exec(importMap) ?? [];
  const hash = createHash('sha256').update(inline).digest('base64');
  const policy = strictPolicy.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
  const html = `<!doctype html>${policy}${importMap}<script type="module" src="main.js"></script>`;
  await withCamera(testInfo.outputPath('camera.mjpeg'), html, async (page) => {
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await serveScript(
      page,
      `import { FaceNet } from 'facenet-web';
      const facenet = await FaceNet.load();
      const photo = await (await fetch('photo.jpg')).blob();
      const faces = await facenet.embed(photo);
      document.body.textContent = facenet.execution.name + ' ' + faces.length;`,
    );
    await expect(page.locator('body')).toHaveText('worker 3', { timeout: 60_000 });
    expect(errors.filter((error) => /policy|Trusted/i.test(error))).toEqual([]);
  });
});

test('desktop: the main process for Electron serves the files of its site only', async ({
  browserName: _,
}, testInfo) => {
  const folder = testInfo.outputPath('app');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'site'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'main.js'), desktopMain);
  writeFileSync(join(folder, 'site/index.html'), '<!doctype html><p>The page.');
  const app = await startElectronApp(folder);
  try {
    const page = await fetch(app.url);
    expect(await page.text()).toContain('The page.');
    const outside = await fetch(new URL('/..%2Fmain.js', app.url));
    expect(outside.status).toBe(404);
  } finally {
    app.stop();
  }
});

/** Runs a script as the main.js of the page. */
async function serveScript(page: Page, body: string): Promise<void> {
  await page.route('**/main.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await page.reload();
}
