import type { Page } from 'playwright';
import type { TransferSize } from './report.ts';

type Kind = keyof TransferSize;

/**
 * Counts the bytes that a page and its workers fetch from now on. Photos are not counted.
 *
 * @returns a function that waits for pending responses and reads the counters.
 */
export function countTransfer(page: Page): () => Promise<TransferSize> {
  const counted: Promise<{ kind: Kind; size: number }>[] = [];
  page.on('requestfinished', (request) => {
    const kind = kindOf(new URL(request.url()));
    const count = async (kind: Kind) => {
      const { responseHeadersSize, responseBodySize } = await request.sizes();
      return { kind, size: responseHeadersSize + responseBodySize };
    };
    if (kind) counted.push(count(kind));
  });
  return async () => {
    const bytes: TransferSize = { js: 0, wasm: 0, weights: 0, total: 0 };
    for (const { kind, size } of await Promise.all(counted)) {
      bytes[kind] += size;
      bytes.total += size;
    }
    return bytes;
  };
}

function kindOf({ protocol, pathname }: URL): Kind | undefined {
  if (!protocol.startsWith('http') || pathname.endsWith('.jpg')) return undefined;
  if (/\.m?js$/.test(pathname)) return 'js';
  return pathname.endsWith('.wasm') ? 'wasm' : 'weights';
}
