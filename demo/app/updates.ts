import { computed, signal } from '@preact/signals';
import { Workbox } from 'workbox-window';
import { networksKept } from './facenet.ts';

/** Whether the page and its code are kept, so that it opens without a network. */
const pageKept = signal(false);

/** Whether the page works without a network: it and its networks are kept. */
export const keptOffline = computed(() => pageKept.value && networksKept.value);

/** Takes up a new version that is waiting, and loads the page anew; undefined while there is none. */
export const update = signal<(() => void) | undefined>(undefined);

/** How often a page that stays open looks for a new version, in milliseconds. */
const lookEvery = 60 * 60 * 1000;

/** Starts the service worker. Where there is none, as in some private windows, the page works as long as the network does. */
export async function startServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const workbox = new Workbox('./service-worker.js');
  let asked = false;
  let controlled = navigator.serviceWorker.controller !== null;
  workbox.addEventListener('waiting', () => {
    update.value = () => {
      asked = true;
      workbox.messageSkipWaiting();
    };
  });
  workbox.addEventListener('controlling', () => {
    if (asked) location.reload();
    // Another tab took up the new version; this one is asked too, since its own files are no longer kept. The first to control a page
    // is no new version, whichever page or tab it was that started it.
    else if (controlled) update.value = () => location.reload();
    controlled = true;
  });
  try {
    await workbox.register({ immediate: true });
    await navigator.serviceWorker.ready;
    pageKept.value = true;
    setInterval(() => void workbox.update().catch(() => {}), lookEvery);
  } catch {
    // Without it the page works, only not offline.
  }
}
