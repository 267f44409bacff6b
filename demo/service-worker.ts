/// <reference lib="webworker" />
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import type { PrecacheEntry } from './build/service-worker.ts';

declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: PrecacheEntry[];

// The page and all its code, from the first visit on: one version of all of it, never half of one and half of another.
precacheAndRoute(__PRECACHE__);
cleanupOutdatedCaches();

// A new version waits until the page asks for it, which it does when its user agrees.
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'SKIP_WAITING') void self.skipWaiting();
});
// The first visit's page is served from then on too, so that it loses nothing when the network goes.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
