import { signal } from '@preact/signals';
import { unloadFaceNet } from './facenet.ts';
import { galleryState, openGallery, people } from './gallery.ts';
import { clearStoredSignals } from './stored-signal.ts';

/** The page's storage use and quota, in bytes. Undefined if the browser does not report them. */
export const usage = signal<{ used: number; quota: number } | undefined>(undefined);

/** The progress of {@link eraseEverything}. While it is not `none`, the page shows no view and loads nothing. */
export const erasure = signal<'none' | 'running' | 'done'>('none');

/** Updates {@link usage}. */
export async function measureUsage(): Promise<void> {
  const { usage: used = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  usage.value = quota > 0 ? { used, quota } : undefined;
}

/** Asks the browser not to evict the page's data when the device runs low on storage. */
export async function requestPersistence(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}

/** Erases the gallery, the model cache, the service worker with its cache, and the stored settings. */
export async function eraseEverything(): Promise<void> {
  erasure.value = 'running';
  // A gallery from an earlier visit may exist even if this visit has not opened it yet.
  if (galleryState.peek().status === 'opening') await openGallery();
  const state = galleryState.peek();
  if ('gallery' in state) await state.gallery.erase();
  galleryState.value = { status: 'opening' };
  people.value = [];
  await unloadFaceNet();
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
  const scope = registration?.scope ?? new URL('./', location.href).href;
  // Other pages of the same origin may have caches too. Delete only those of this page.
  const own = (await caches.keys()).filter((name) => name === 'facenet-web-models' || name.endsWith(scope));
  await Promise.all(own.map((name) => caches.delete(name)));
  clearStoredSignals();
  erasure.value = 'done';
}
