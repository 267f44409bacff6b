import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFromModels, type ModelSource } from '../../../lib/pipeline/start-networks.ts';

const path = 'engines/facenet-simd.wasm';
/** A file that the server never sends to the end. */
const endlessPath = 'engines/endless.wasm';

/** A models folder with one file. */
function deployment(content: string): { manifest: string; content: string } {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const source = { package: 'none', version: '1.0.0', files: [], conversion: 'none' };
  const engine = { name: 'facenet-simd', path, bytes: bytes.length, sha256, licence: 'MIT', source };
  const endless = { ...engine, name: 'facenet-threads', path: endlessPath, bytes: 1e6 };
  return { manifest: JSON.stringify({ version: 1, models: [], engines: [engine, endless], presets: [] }), content };
}

const [old, current] = [deployment('the old file'), deployment('the new, longer file')];
let server: Server;
/** The requests: path and `Cache-Control`. */
let requests: string[];
/** Answers the manifest and the file. */
let answer: { manifest(): string; file(): string | undefined };
/** Called when the client ends the download of the endless file. */
let onClose = () => {};

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url as string, 'http://localhost');
    requests.push(`${pathname} ${request.headers['cache-control'] ?? ''}`.trim());
    if (pathname === `/${endlessPath}`) {
      response.write('begun');
      response.once('close', onClose);
      return;
    }
    const body = pathname === '/manifest.json' ? answer.manifest() : answer.file();
    if (body === undefined) response.writeHead(404);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const readFile = async ({ store, read }: ModelSource) =>
  new TextDecoder().decode(await read(store.engine('facenet-simd')));

const load = () => loadFromModels({ models: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }, readFile);

/** The manifests and files of the given deployments, one after the other; the last one stays. */
function serve(manifests: (typeof old)[], files: (typeof old | undefined)[]): void {
  const next = <T>(list: T[]) => (list.length > 1 ? list.shift() : list[0]) as T;
  answer = { manifest: () => next(manifests).manifest, file: () => next(files)?.content };
}

test('loads the new deployment if it replaced the folder after the manifest was read', async () => {
  serve([old, current], [current]);
  expect(await load()).toBe(current.content);
  expect(requests).toEqual([
    '/manifest.json max-age=0',
    `/${path}`,
    `/${path} no-cache`,
    '/manifest.json no-cache',
    `/${path}`,
  ]);
});

test('loads the new deployment if it no longer has a file of the old one', async () => {
  serve([old, current], [undefined, undefined, current]);
  expect(await load()).toBe(current.content);
});

test('aborts the downloads of the old deployment before it loads the new one', async () => {
  serve([old, current], [current]);
  const aborted = new Promise<void>((resolve) => {
    onClose = resolve;
  });
  const endless: Promise<unknown>[] = [];
  const models = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const content = await loadFromModels({ models }, async (source) => {
    if (endless.length > 0) await aborted;
    else endless.push(source.read(source.store.engine('facenet-threads')));
    return readFile(source);
  });
  expect(content).toBe(current.content);
  await expect(endless[0]).rejects.toMatchObject({ code: 'model-corrupt', message: expect.stringContaining(path) });
});

test('reads a file without the HTTP cache if the first answer is of an old deployment', async () => {
  serve([current], [old, current]);
  expect(await load()).toBe(current.content);
  expect(requests).toEqual(['/manifest.json max-age=0', `/${path}`, `/${path} no-cache`]);
});

test('rejects with the first error if the manifest has not changed', async () => {
  serve([old], [current]);
  await expect(load()).rejects.toMatchObject({ code: 'model-corrupt', message: expect.stringContaining(path) });
  serve([old], [undefined]);
  await expect(load()).rejects.toMatchObject({ code: 'model-missing', message: expect.stringContaining(path) });
});

test('starts again only once', async () => {
  serve([old, current, old], [deployment('neither')]);
  await expect(load()).rejects.toMatchObject({ code: 'model-corrupt' });
  expect(requests.filter((request) => request.startsWith('/manifest.json'))).toHaveLength(2);
});

test('rejects with the first error if the manifest is gone, and with the reason of an abort', async () => {
  const { manifest } = old;
  let manifests = 0;
  let onFile = () => {};
  answer = {
    manifest: () => (manifests++ === 0 ? manifest : 'no JSON'),
    file() {
      onFile();
      return current.content;
    },
  };
  await expect(load()).rejects.toMatchObject({ code: 'model-corrupt' });
  manifests = 0;
  const controller = new AbortController();
  onFile = () => controller.abort('enough');
  const models = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await expect(loadFromModels({ models, signal: controller.signal }, readFile)).rejects.toBe('enough');
});
