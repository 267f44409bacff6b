import type { Page } from 'playwright';

/** Bytes over the wire, compressed as they are served, headers included. */
export interface WireBytes {
  js: number;
  wasm: number;
  weights: number;
  total: number;
}

/**
 * Counts what a page fetches from now on, as the browser's network stack sees it; photos are not counted.
 *
 * @returns reads the counters.
 */
export async function countBytes(page: Page): Promise<() => WireBytes> {
  const kinds = new Map<string, keyof WireBytes>();
  const bytes: WireBytes = { js: 0, wasm: 0, weights: 0, total: 0 };
  const session = await page.context().newCDPSession(page);
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const kind = kindOf(new URL(response.url));
    if (kind) kinds.set(requestId, kind);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    if (!kind) return;
    bytes[kind] += encodedDataLength;
    bytes.total += encodedDataLength;
  });
  await session.send('Network.enable');
  return () => ({ ...bytes });
}

function kindOf({ protocol, pathname }: URL): keyof WireBytes | undefined {
  if (!protocol.startsWith('http') || pathname.endsWith('.jpg')) return undefined;
  if (pathname.endsWith('.js')) return 'js';
  return pathname.endsWith('.wasm') ? 'wasm' : 'weights';
}
