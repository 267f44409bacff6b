import { signal } from '@preact/signals';
import { unloadFaceNet } from './facenet.ts';
import { eraseGallery, galleryDatabases } from './gallery.ts';
import { eraseLibrary, libraryDatabase } from './library.ts';
import { clearStoredSignals } from './stored-signal.ts';

/** The page's storage use and quota, in bytes. Undefined if the browser does not report them. */
export const usage = signal<{ used: number; quota: number } | undefined>(undefined);

/**
 * The progress of {@link eraseEverything}. While it is not `none`, the page shows no view and loads nothing. `blocked`:
 * another tab keeps the gallery or the photo library open.
 */
export const erasure = signal<'none' | 'running' | 'blocked' | 'done' | 'failed'>('none');

/** Updates {@link usage}. */
export async function measureUsage(): Promise<void> {
  const { usage: used = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  usage.value = quota > 0 ? { used, quota } : undefined;
}

/** Asks the browser not to evict the page's data when the device runs low on storage. */
export async function requestPersistence(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}

/** Erases the gallery, the photo library, the model cache, the service worker with its cache, and the stored settings. */
export async function eraseEverything(): Promise<void> {
  erasure.value = 'running';
  // Where the browser stores no database, erasing one throws: what is stored in the end decides.
  const databases = [eraseGallery(onBlocked), eraseLibrary(onBlocked)].map((erasing) => erasing.catch(() => {}));
  const results = await Promise.allSettled([...databases, eraseFiles()]);
  clearStoredSignals();
  const left = results.some(({ status }) => status === 'rejected') || (await isAnythingStored().catch(() => true));
  erasure.value = left ? 'failed' : 'done';
}

function onBlocked(): void {
  erasure.value = 'blocked';
}

async function eraseFiles(): Promise<void> {
  await unloadFaceNet();
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
  await Promise.all((await ownCaches(registration?.scope)).map((name) => caches.delete(name)));
}

/** The names of this page's caches. Other pages of the same origin may have caches too. */
async function ownCaches(scope = new URL('./', location.href).href): Promise<string[]> {
  return (await caches.keys()).filter((name) => name === 'facenet-web-models' || name.endsWith(scope));
}

/** Asks the browser whether the gallery, the photo library or a cache still exists, so that the page does not claim what is not so. */
async function isAnythingStored(): Promise<boolean> {
  const databases = typeof indexedDB === 'undefined' ? [] : await indexedDB.databases();
  const own = [...galleryDatabases, libraryDatabase];
  return databases.some(({ name }) => own.includes(name ?? '')) || (await ownCaches()).length > 0;
}
