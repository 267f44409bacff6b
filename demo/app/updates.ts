import { computed, signal } from '@preact/signals';
import { Workbox } from 'workbox-window';
import { modelsCached } from './facenet.ts';

/** Whether the service worker has cached the page and its code. */
const pageCached = signal(false);

/** Whether the page works offline: it and its models are cached. */
export const offlineReady = computed(() => pageCached.value && modelsCached.value);

/** Activates a waiting new version and reloads the page. Undefined while there is none. */
export const applyUpdate = signal<(() => void) | undefined>(undefined);

/** How often an open page checks for a new version, in milliseconds. */
const updateInterval = 60 * 60 * 1000;

/** Registers the service worker. If the browser has none, as in some private windows, the page works online only. */
export async function startServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const workbox = new Workbox('./service-worker.js');
  let requested = false;
  let controlled = navigator.serviceWorker.controller !== null;
  workbox.addEventListener('waiting', () => {
    applyUpdate.value = () => {
      requested = true;
      workbox.messageSkipWaiting();
    };
  });
  workbox.addEventListener('controlling', () => {
    if (requested) location.reload();
    // Another tab activated the new version, and this tab's files are no longer cached: offer to reload. The first service
    // worker to control a page is not an update.
    else if (controlled) applyUpdate.value = () => location.reload();
    controlled = true;
  });
  try {
    await workbox.register({ immediate: true });
    await navigator.serviceWorker.ready;
    pageCached.value = true;
    setInterval(() => void workbox.update().catch(() => {}), updateInterval);
  } catch {
    // The page works online only.
  }
}
