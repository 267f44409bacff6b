import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FolderHandler } from '../kit/browser.ts';

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};

/** Files that are compressed already. */
const uncompressed = new Set(['.jpg']);

/** Serves a folder as a production host does: with gzip, and cacheable for a day. Compressed files are held in memory. */
export function serveCompressed(folder: string): FolderHandler {
  const bodies = new Map<string, Buffer>();
  return (request, response, next) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname)));
    if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) return next();
    const extension = extname(path);
    const compress = !uncompressed.has(extension);
    const body = bodies.get(path) ?? (compress ? gzipSync(readFileSync(path)) : readFileSync(path));
    bodies.set(path, body);
    response.writeHead(200, {
      'Content-Type': types[extension] ?? 'application/octet-stream',
      'Content-Length': body.length,
      'Cache-Control': 'public, max-age=86400',
      ...(compress && { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  };
}
