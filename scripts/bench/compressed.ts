import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FolderHandler } from '../kit/browser.ts';

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};

/** Photos are compressed already. */
const asTheyAre = new Set(['.jpg']);

/** Serves a folder as a well-kept site does: everything gzipped, and cacheable for a day. Files are kept compressed. */
export function compressed(folder: string): FolderHandler {
  const kept = new Map<string, Buffer>();
  return (request, response, next) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname)));
    if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) return next();
    const extension = extname(path);
    const packed = !asTheyAre.has(extension);
    const body = kept.get(path) ?? (packed ? gzipSync(readFileSync(path)) : readFileSync(path));
    kept.set(path, body);
    response.writeHead(200, {
      'Content-Type': types[extension] ?? 'application/octet-stream',
      'Content-Length': body.length,
      'Cache-Control': 'public, max-age=86400',
      ...(packed && { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  };
}
