import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base, type Page } from 'playwright/test';
import { type Server, serveLibrary } from '../../scripts/kit/browser.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Where the sample photos lie; they are served under /photos/. */
export const photos = path('../../node_modules/@vladmandic/face-api/demo');

/** Labelled Faces in the Wild, which is only where the library is developed; served under /lfw/ where it is. */
export const lfw = path('../../../shared/data/lfw-dev');
export const lfwIsHere = existsSync(`${lfw}/pairs.txt`);

/** Where a test puts an embedder of its own; served under /own/. */
export const ownModels = path('../../test-results/own-models');

declare global {
  /** The built library, in the page. */
  var library: typeof import('../../lib/index.ts');
  /** Fetches a photo as the Blob that a file input would give. */
  var photo: (address: string) => Promise<Blob>;
  /** The first sample photo at a size that emulated graphics can bear: three faces. */
  var smallPhoto: () => Promise<ImageBitmap>;
}

/** A test whose page is empty but for the built library, served as plain static hosting would. */
export const test = base.extend<{ page: Page; inWorker: boolean }, { server: Server }>({
  // The projects of playwright.config.ts say where the networks run.
  inWorker: [true, { option: true }],
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the fixture needs.
    async ({}, use) => {
      const server = await serveLibrary({
        '/photos': photos,
        '/own': ownModels,
        // The same build from another address is another copy of the library in the page, as another version would be.
        '/second': path('../../dist'),
        ...(lfwIsHere && { '/lfw': `${lfw}/images` }),
      });
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  page: async ({ page, server, inWorker }, use) => {
    await openLibrary(page, server, inWorker);
    await use(page);
  },
});

/** Opens the empty page and imports the library into it, whose networks run in a worker unless the page is to run them. */
export async function openLibrary(page: Page, server: Server, inWorker = true): Promise<void> {
  await page.goto(server.url);
  await page.evaluate(importLibrary, inWorker);
}

/** Runs in the page. One thread, whatever the machine has: tests count workers, and look for what one of them holds. */
export async function importLibrary(inWorker: boolean): Promise<void> {
  const address = '/dist/facenet-web.js';
  globalThis.library = await import(address);
  globalThis.photo = async (name) => (await fetch(name)).blob();
  globalThis.smallPhoto = async () =>
    createImageBitmap(await photo('/photos/sample1.jpg'), { resizeWidth: 480, resizeQuality: 'high' });
  const { FaceNet } = library;
  const load = FaceNet.load.bind(FaceNet);
  FaceNet.load = (options) => load({ threads: 1, ...(!inWorker && { worker: false }), ...options });
}

export { expect } from 'playwright/test';
