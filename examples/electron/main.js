import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, protocol } from 'electron';

// Without `secure` the page has no crypto.subtle and no camera. Without `supportFetchAPI` it cannot fetch the models.
protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

const site = fileURLToPath(new URL('site/', import.meta.url));

const types = {
  '.html': 'text/html',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Answers a request for a file of the folder `site`. */
async function respond({ url }) {
  const path = join(site, decodeURIComponent(new URL(url).pathname));
  const body = path.startsWith(site) && (await readFile(path).catch(() => undefined));
  if (!body) return new Response('', { status: 404 });
  const headers = {
    'Content-Type': types[extname(path)] ?? 'application/octet-stream',
    // Several threads need a cross-origin isolated page.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  return new Response(body, { headers });
}

await app.whenReady();
protocol.handle('app', respond);
await new BrowserWindow().loadURL('app://site/index.html');
