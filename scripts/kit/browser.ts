import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import sirv from 'sirv';
import { chromiumFlags, findChromium } from './chromium.mjs';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A running server: its address, and how to stop it. */
export interface Server {
  url: string;
  close(): Promise<void>;
}

/** Answers requests for the files of a folder, by their path in it. */
export type FolderHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** How a server answers. */
export interface ServerOptions {
  /** How a folder is served. Default: file by file, never cached, as suits sources that change. */
  serveFolder?: (folder: string) => FolderHandler;
  /** Whether pages are cross-origin isolated, and may use threads. Default: true. */
  isolated?: boolean;
  /** More headers, on every answer. */
  headers?: Record<string, string>;
}

const plainly = (folder: string) => sirv(folder, { dev: true, etag: true });

/**
 * Serves the built library as plain static hosting would: /dist/, /models/ and whatever else is named, from this machine
 * only. The page at / is empty.
 *
 * @param folders more folders, by the address that they appear under.
 */
export async function serveLibrary(
  folders: Record<string, string> = {},
  { serveFolder = plainly, isolated = true, headers = {} }: ServerOptions = {},
): Promise<Server> {
  const mounts = Object.entries({ '/dist': root('dist'), '/models': root('public/models'), ...folders }).map(
    ([prefix, folder]) => ({ prefix, handler: serveFolder(folder) }),
  );
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = request.url ?? '/';
    const mount = mounts.find(({ prefix }) => url.startsWith(`${prefix}/`));
    if (mount) {
      request.url = url.slice(mount.prefix.length);
      mount.handler(request, response, () => void response.writeHead(404).end());
    } else if (url === '/') {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,">');
    } else {
      response.writeHead(404).end();
    }
  });
  return listen(server);
}

/** Serves a folder as plain static hosting would, from this machine only. */
export function serveFolder(folder: string): Promise<Server> {
  const handler = plainly(folder);
  return listen(
    createServer((request, response) => handler(request, response, () => void response.writeHead(404).end())),
  );
}

async function listen(server: HttpServer): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Starts a headless Chromium. */
export async function launchChromium(flags: string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium was found: run "node scripts/setup/main.mjs --browser".');
  return chromium.launch({ executablePath, args: [...chromiumFlags, ...flags] });
}

/**
 * Opens a page with nothing on it, on which the built library can be imported from `/dist/facenet-web.js`; in a browser its
 * caches are empty, in a context they are what earlier pages left.
 */
export async function openPage(within: Browser | BrowserContext, server: Server): Promise<Page> {
  const page = await within.newPage();
  // tsx wraps named functions in a helper of this name, which those that run in the page would miss there.
  await page.addInitScript({ content: 'globalThis.__name = (value) => value' });
  await page.goto(server.url);
  return page;
}
