/// <reference lib="webworker" />
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import type { PrecacheEntry } from './build/service-worker.ts';

declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: PrecacheEntry[];

// Precaches the page and all its code, so that it never mixes files of two versions.
precacheAndRoute(__PRECACHE__);
cleanupOutdatedCaches();

// A new version stays in the waiting state until the user accepts the update.
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'SKIP_WAITING') void self.skipWaiting();
});
// Takes control of the page of the first visit too, so that it works offline without a reload.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
