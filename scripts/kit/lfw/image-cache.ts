import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The minimum time between two writes of a cache, in milliseconds. */
const saveInterval = 10_000;

/** The number of images that are read at the same time. */
const parallelReads = 16;

/** Results of a system, in one file. */
export interface ImageCache<Result> {
  /** The results by the keys of {@link contentKeys}. */
  results: Map<string, Result>;
  /** Writes the file, at most once in ten seconds. @param always writes it in any case. */
  save(always?: boolean): void;
}

/**
 * Opens the cache of a system.
 *
 * @param system its `identity` is everything that results depend on besides the images.
 */
export function openCache<Result>(
  { name, identity }: { name: string; identity: unknown },
  folder: string,
): ImageCache<Result> {
  // Caches of earlier versions were by path alone, and so gave the results of other photos. They are not read.
  const digest = createHash('sha256')
    .update(JSON.stringify(['by-content', identity]))
    .digest('hex');
  const file = join(folder, `${name}-${digest.slice(0, 16)}.json`);
  const results = new Map<string, Result>(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Result>) : [],
  );
  let saved = Date.now();
  const save = (always = false) => {
    if (!always && Date.now() - saved < saveInterval) return;
    saved = Date.now();
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(Object.fromEntries(results)));
  };
  return { results, save };
}

/**
 * The key of each image in a cache: the SHA-256 of its bytes, and its path. Photos of one path in two folders have keys of their own.
 * The path is part of the key as results may depend on it.
 *
 * @param server the URL of the server that has the images.
 * @param addresses the URL of each image, by its path.
 * @throws {Error} if the server does not have an image.
 */
export async function contentKeys(
  server: string,
  addresses: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  const queue = [...addresses];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [path, address] = next;
      // A connection that is kept may be closed by the server while this process computes.
      const response = await fetch(new URL(address, server), { headers: { connection: 'close' } });
      if (!response.ok) throw new Error(`The image ${path} cannot be read: HTTP ${response.status}.`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      keys.set(path, `${createHash('sha256').update(bytes).digest('hex')} ${path}`);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, work));
  return keys;
}
