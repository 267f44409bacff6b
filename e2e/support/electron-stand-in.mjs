// Stands in for the module "electron" in the tests of examples/electron and docs/recipes/desktop.md: serves the app's protocol over HTTP, and prints the
// address of the window's page.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

/** @type {Set<string>} */
const securePrivileges = new Set();
/** @type {Map<string, (request: Request) => Promise<Response>>} */
const handlers = new Map();

export const app = { whenReady: async () => {}, getAppPath: () => process.cwd() };

export const net = {
  /** @param {string} url the address of a file. */
  async fetch(url) {
    const type = url.endsWith('.html') ? 'text/html' : 'text/javascript';
    return new Response(await readFile(fileURLToPath(url)), { headers: { 'Content-Type': type } });
  },
};

export const protocol = {
  /** @param {{ scheme: string, privileges: Record<string, boolean> }[]} schemes */
  registerSchemesAsPrivileged(schemes) {
    for (const { scheme, privileges } of schemes) {
      if (privileges.standard && privileges.secure && privileges.supportFetchAPI) securePrivileges.add(scheme);
    }
  },
  /**
   * @param {string} scheme
   * @param {(request: Request) => Promise<Response>} respond
   */
  handle(scheme, respond) {
    if (!securePrivileges.has(scheme)) throw new Error(`${scheme}: pages are no secure context, or cannot fetch`);
    handlers.set(scheme, respond);
  },
};

export class BrowserWindow {
  /** @param {string} url */
  async loadURL(url) {
    const { protocol, pathname } = new URL(url);
    const respond = handlers.get(protocol.slice(0, -1));
    if (!respond) throw new Error(`no handler for ${url}`);
    const server = createServer(async (request, response) => {
      const answer = await respond(new Request(new URL(request.url ?? '/', url)));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}${pathname}`);
    });
  }
}
