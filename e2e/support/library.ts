import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base, type Page } from 'playwright/test';
import { type Server, serveLibrary } from '../../scripts/kit/browser.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The folder of the sample photos, served under /photos/. */
export const photos = path('../../node_modules/@vladmandic/face-api/demo');

/** Labelled Faces in the Wild, served under /lfw/. It exists only on the developers' machines. */
export const lfw = path('../../../shared/data/lfw-dev');
export const lfwExists = existsSync(`${lfw}/pairs.txt`);

/** The folder for embedders that a test adds, served under /own/. */
export const ownModels = path('../../test-results/own-models');

/** The built library, for tests that serve a second copy of it. */
export const dist = path('../../dist');

declare global {
  /** The built library. */
  var library: typeof import('../../lib/index.ts');
  /** Fetches a photo as a Blob, as a file input returns it. */
  var photo: (address: string) => Promise<Blob>;
  /** The first sample photo, 480 pixels wide: three faces. */
  var smallPhoto: () => Promise<ImageBitmap>;
  /** One face of the first sample photo, 192 × 192 pixels. */
  var facePhoto: () => Promise<ImageData>;
  /** The cheapest options that detect the face of {@link facePhoto}. */
  var quick: { thorough: false; minSize: number; maxFaces: number };
  /** The outcome of a call: `no error`, the code of a FaceNetError, or the text of another error. */
  var codeOf: (call: Promise<unknown> | (() => unknown)) => Promise<string>;
}

interface WorkerFixtures {
  server: Server;
  /** Whether the networks run in a worker (project `worker`) or on the page (project `page`). */
  inWorker: boolean;
  /**
   * One page for all tests of a Playwright worker, in which the presets `fast` and `balanced` stay loaded: another
   * `FaceNet.load()` of either shares their networks. For tests that change nothing that the page or its origin keeps.
   */
  sharedPage: Page;
}

/** A test whose page is empty apart from the built library, served as static hosting serves it. */
export const test = base.extend<{ page: Page }, WorkerFixtures>({
  inWorker: [true, { option: true, scope: 'worker' }],
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the fixture needs.
    async ({}, use) => {
      const server = await serveLibrary({
        '/photos': photos,
        '/own': ownModels,
        // The same build at another address is another copy of the library.
        '/second': dist,
        ...(lfwExists && { '/lfw': `${lfw}/images` }),
      });
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  sharedPage: [
    async ({ browser, server, inWorker }, use) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await openLibrary(page, server, inWorker);
      await page.evaluate(async () => {
        const presets = ['fast', 'balanced'];
        const held = await Promise.all(presets.map((preset) => library.FaceNet.load({ models: '/models/', preset })));
        Object.assign(globalThis, { held });
      });
      await use(page);
      await context.close();
    },
    { scope: 'worker' },
  ],
  page: async ({ page, server, inWorker }, use) => {
    await openLibrary(page, server, inWorker);
    await use(page);
  },
});

/** Opens the empty page and imports the library into it. */
export async function openLibrary(page: Page, server: Server, inWorker = true): Promise<void> {
  await page.goto(server.url);
  await page.evaluate(importLibrary, inWorker);
}

/** Runs in the page. Loads use one thread on every machine, because tests count workers and inspect their memory. */
export async function importLibrary(inWorker: boolean): Promise<void> {
  const address = '/dist/facenet-web.js';
  globalThis.library = await import(address);
  globalThis.photo = async (name) => (await fetch(name)).blob();
  globalThis.smallPhoto = async () =>
    createImageBitmap(await photo('/photos/sample1.jpg'), { resizeWidth: 480, resizeQuality: 'high' });
  globalThis.facePhoto = async () => {
    const context = new OffscreenCanvas(192, 192).getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(await createImageBitmap(await photo('/photos/sample1.jpg')), 1357, 150, 400, 400, 0, 0, 192, 192);
    return context.getImageData(0, 0, 192, 192);
  };
  globalThis.quick = { thorough: false, minSize: 60, maxFaces: 1 };
  globalThis.codeOf = async (call) => {
    try {
      await (typeof call === 'function' ? call() : call);
      return 'no error';
    } catch (error) {
      return error instanceof library.FaceNetError ? error.code : String(error);
    }
  };
  const { FaceNet } = library;
  const load = FaceNet.load.bind(FaceNet);
  FaceNet.load = (options) => load({ threads: 1, ...(!inWorker && { worker: false }), ...options });
}

export { expect } from 'playwright/test';
