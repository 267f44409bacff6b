import { signal } from '@preact/signals';
import { unloadFaceNet } from './facenet.ts';
import { galleryState, openGallery, people } from './people.ts';
import { forgetSettings } from './settings.ts';

/** How many bytes the page keeps in this browser, and may keep; undefined where the browser does not tell. */
export const usage = signal<{ used: number; quota: number } | undefined>(undefined);

/** How far {@link eraseEverything} is: once it began, nothing starts until the page is loaded again. */
export const erasure = signal<'none' | 'underWay' | 'done'>('none');

/** Looks up {@link usage}. */
export async function measureUsage(): Promise<void> {
  const { usage: used = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  usage.value = quota > 0 ? { used, quota } : undefined;
}

/** Asks the browser not to clear the page's storage by itself when the device runs low. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.().catch(() => false);
}

/** Erases people and what else is kept: weights, the page itself, settings, and the service worker. */
export async function eraseEverything(): Promise<void> {
  erasure.value = 'underWay';
  // A gallery that was never opened in this visit may still be there from an earlier one.
  if (galleryState.peek().status === 'opening') await openGallery();
  const state = galleryState.peek();
  if (state.status === 'open') await state.gallery.erase();
  galleryState.value = { status: 'opening' };
  people.value = [];
  await unloadFaceNet();
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
  const scope = registration?.scope ?? new URL('./', location.href).href;
  // On a host that several pages share, what is not this page's stays.
  const own = (await caches.keys()).filter((name) => name === 'facenet-web-models' || name.endsWith(scope));
  await Promise.all(own.map((name) => caches.delete(name)));
  forgetSettings();
  erasure.value = 'done';
}
