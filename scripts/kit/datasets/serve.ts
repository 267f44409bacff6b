import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FolderHandler } from '../server.ts';

/** The URL path of an image below that of {@link serveImages}. */
export function imageUrl(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/**
 * Answers requests for images, by the keys of {@link imageUrl}. The server of folders cannot: it does not find names with `#` or `?`.
 *
 * @param images a function for each image that reads its encoded bytes. An image that it cannot read is not found.
 */
export function serveImages(images: ReadonlyMap<string, () => Uint8Array>): FolderHandler {
  return (request, response, next) => {
    const bytes = readImage(images.get(keyOf(request.url ?? '')));
    if (!bytes) return next();
    const type = bytes[0] === 0x89 ? 'image/png' : 'image/jpeg';
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes);
  };
}

/** The images at these paths below a folder, for {@link serveImages}. */
export function folderImages(folder: string, paths: readonly string[]): Map<string, () => Uint8Array> {
  return new Map(paths.map((path) => [path, () => readFileSync(join(folder, path))]));
}

function readImage(read: (() => Uint8Array) | undefined): Uint8Array | undefined {
  try {
    return read?.();
  } catch {
    return undefined;
  }
}

/** Inverse of {@link imageUrl}; an empty text, which is no key, if the URL is malformed. */
function keyOf(url: string): string {
  try {
    return decodeURIComponent(url.replace(/^\//, ''));
  } catch {
    return '';
  }
}
