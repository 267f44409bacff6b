import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { repositoryPath } from './paths.ts';

/** A running server. */
export interface Server {
  /** Its address, with a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** Answers requests for the files of one folder; the request's URL is the path in it. */
export type FolderHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** How a server answers. */
export interface ServerOptions {
  /** Serves a folder. Default: files are read again for each request and never cached, as they change in development. */
  serveFolder?: (folder: string) => FolderHandler;
  /** More handlers, by URL prefix. */
  handlers?: Record<string, FolderHandler>;
  /** Whether pages are cross-origin isolated, so that they may use threads. Default: true. */
  isolated?: boolean;
  /** More headers, on every response. */
  headers?: Record<string, string>;
}

const serveUncached = (folder: string) => sirv(folder, { dev: true, etag: true });

/**
 * Serves the built library as static hosting would: /dist/, /models/ and the given folders, on 127.0.0.1 and a free port.
 * The page at / is empty.
 *
 * @param folders more folders, by URL prefix.
 */
export async function serveLibrary(
  folders: Record<string, string> = {},
  { serveFolder = serveUncached, handlers = {}, isolated = true, headers = {} }: ServerOptions = {},
): Promise<Server> {
  const allFolders = { '/dist': repositoryPath('dist'), '/models': repositoryPath('public/models'), ...folders };
  const mounts = [
    ...Object.entries(allFolders).map(([prefix, folder]) => ({ prefix, handler: serveFolder(folder) })),
    ...Object.entries(handlers).map(([prefix, handler]) => ({ prefix, handler })),
  ];
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
      mount.handler(request, response, () => notFound(response));
    } else if (url === '/') {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,">');
    } else {
      notFound(response);
    }
  });
  return listen(server);
}

/** {@link serveLibrary} for the time that `work` takes; stops the server, also after an error. */
export async function withServer<T>(
  folders: Record<string, string>,
  options: ServerOptions,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await serveLibrary(folders, options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

/** Serves one folder as static hosting would, on 127.0.0.1 and a free port. */
export function serveFolder(folder: string): Promise<Server> {
  const handler = serveUncached(folder);
  return listen(createServer((request, response) => handler(request, response, () => notFound(response))));
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end();
}

async function listen(server: HttpServer): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
