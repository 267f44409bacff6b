import type { Page } from 'playwright/test';
import type { Server } from '../../scripts/kit/browser.ts';
import { test as base, openLibrary } from './library.ts';

declare global {
  /** facenet-web/gallery, as built. */
  var galleries: typeof import('../../lib/gallery/index.ts');
  var tools: {
    /** The rule of an embedder that does not exist. */
    facenet: { rule: import('../../lib/index.ts').ComparisonRule };
    /** A synthetic face: the same seed gives the same face. */
    face(seed: number): { embedding: Float32Array; model: string };
    /** All records of all databases of this origin, as text in which each byte is one character. */
    records(): Promise<string>;
    /** The records of a gallery's database, by object store. */
    rows(name: string): Promise<Record<string, unknown[]>>;
    /** Fails the put() of this number, counted from 0. The returned function repairs put(). */
    failPut(index: number): () => void;
  };
}

/** A test whose page has the library and the gallery. */
export const test = base.extend<{ galleryPage: Page }>({
  galleryPage: async ({ page }, use) => {
    await importGallery(page);
    await use(page);
  },
});

/** Opens a page with the library and the gallery. What an earlier page held in memory is gone. */
export async function openGallery(page: Page, server: Server): Promise<Page> {
  await openLibrary(page, server);
  await importGallery(page);
  return page;
}

/** Ends the process of a page, as a system without free memory does. */
export async function kill(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // A process that is gone does not answer.
  void session.send('Page.crash').catch(() => {});
  await page.waitForEvent('crash');
  await page.close();
}

/** How many requests of all pages wait for a Web Lock. A predicate of waitForFunction() cannot ask: its promise counts as true. */
export function waitingFor(page: Page, name: string): Promise<number> {
  return page.evaluate(async (name) => {
    const { pending = [] } = await navigator.locks.query();
    return pending.filter((request) => request.name === name).length;
  }, name);
}

async function importGallery(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const address = '/dist/gallery.js';
    globalThis.galleries = await import(address);
    const rule: import('../../lib/index.ts').ComparisonRule = {
      model: 'test',
      dimension: 32,
      metric: 'euclidean',
      calibration: {
        logOdds: [26.95, -63.47],
        thresholds: [
          { far: 0.1, distance: 0.48 },
          { far: 1e-5, distance: 0.3 },
        ],
      },
    };
    const face = (seed: number) => {
      const numbers = Float32Array.from({ length: 32 }, (_, i) => Math.sin(seed * 1000 + i * i + seed * i));
      const length = Math.hypot(...numbers);
      return { embedding: numbers.map((value) => value / length), model: 'test' };
    };
    const resultOf = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const rowsOf = async (name: string) => {
      const db = await resultOf(indexedDB.open(name));
      const stores = [...db.objectStoreNames];
      const rows: Record<string, unknown[]> = {};
      for (const store of stores) rows[store] = await resultOf(db.transaction(store).objectStore(store).getAll());
      db.close();
      return rows;
    };
    const records = async () => {
      const dumps = [];
      for (const { name } of await indexedDB.databases()) dumps.push(await rowsOf(name as string));
      return JSON.stringify(dumps, (_, value) => (value instanceof Uint8Array ? String.fromCharCode(...value) : value));
    };
    const failPut = (index: number) => {
      const { put } = IDBObjectStore.prototype;
      let calls = 0;
      IDBObjectStore.prototype.put = function (...args) {
        if (calls++ === index) throw new DOMException('The disk is gone.', 'UnknownError');
        return put.apply(this, args);
      };
      return () => {
        IDBObjectStore.prototype.put = put;
      };
    };
    const rows = (name: string) => rowsOf(`facenet-gallery:${name}`);
    globalThis.tools = { facenet: { rule }, face, records, rows, failPut };
  });
}

export { expect } from './library.ts';
