import type { Page } from 'playwright';

/** Bytes over the wire, compressed as they are served, headers included. */
export interface WireBytes {
  js: number;
  wasm: number;
  weights: number;
  total: number;
}

/**
 * Counts what a page and its workers fetch from now on, as the browser's network stack sees it; photos are not counted.
 *
 * @returns reads the counters once all that was fetched is counted.
 */
export function countBytes(page: Page): () => Promise<WireBytes> {
  const counted: Promise<{ kind: keyof WireBytes; size: number }>[] = [];
  page.on('requestfinished', (request) => {
    const kind = kindOf(new URL(request.url()));
    const count = async (kind: keyof WireBytes) => {
      const { responseHeadersSize, responseBodySize } = await request.sizes();
      return { kind, size: responseHeadersSize + responseBodySize };
    };
    if (kind) counted.push(count(kind));
  });
  return async () => {
    const bytes: WireBytes = { js: 0, wasm: 0, weights: 0, total: 0 };
    for (const { kind, size } of await Promise.all(counted)) {
      bytes[kind] += size;
      bytes.total += size;
    }
    return bytes;
  };
}

function kindOf({ protocol, pathname }: URL): keyof WireBytes | undefined {
  if (!protocol.startsWith('http') || pathname.endsWith('.jpg')) return undefined;
  if (pathname.endsWith('.js')) return 'js';
  return pathname.endsWith('.wasm') ? 'wasm' : 'weights';
}
