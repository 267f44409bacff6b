import { FaceNetError } from '../errors.ts';
import type { EngineFile, EngineFileName, Manifest, ModelDescriptor, ModelFile, Preset } from './manifest.ts';
import { parseManifest } from './manifest-schema.ts';
import { Patience } from './patience.ts';
import type { ProgressMeter } from './progress.ts';

/** The name of the Cache Storage cache that keeps verified files. */
export const cacheName = 'facenet-web-models';

interface Shelf {
  base: URL;
  manifest: Manifest;
}

/**
 * The folders that hold models, with their manifests. A file comes out of it only when its size and its SHA-256 are what
 * the manifest states, whether it came over the network or out of the cache.
 */
export class ModelStore {
  readonly #shelves: Shelf[];
  readonly #keeping: Promise<void>[] = [];

  private constructor(shelves: Shelf[]) {
    this.#shelves = shelves;
  }

  /**
   * Opens one folder or several; where two hold a model of one name, the earlier folder's is used.
   *
   * @throws {FaceNetError} `option-invalid` for an address that is none, `model-missing` when a manifest cannot be
   *   fetched, `manifest-invalid` when it is not one.
   */
  static async open(bases: FolderAddresses | undefined, signal?: AbortSignal): Promise<ModelStore> {
    return new ModelStore(await Promise.all(folderUrls(bases).map((base) => openShelf(new URL(base), signal))));
  }

  /** Every model of a task, by name, earlier folders first. */
  models<Task extends ModelDescriptor['task']>(task: Task): Extract<ModelDescriptor, { task: Task }>[] {
    return this.#shelves.flatMap(({ manifest }) =>
      manifest.models.filter((model): model is Extract<ModelDescriptor, { task: Task }> => model.task === task),
    );
  }

  /** Every preset, earlier folders first. */
  presets(): Preset[] {
    return this.#shelves.flatMap(({ manifest }) => manifest.presets ?? []);
  }

  /** An engine's WebAssembly file. */
  engine(name: EngineFileName): EngineFile {
    for (const { manifest } of this.#shelves) {
      const engine = manifest.engines.find((file) => file.name === name);
      if (engine) return engine;
    }
    throw new FaceNetError(
      'model-missing',
      `No manifest lists the engine file "${name}": copy the whole models folder.`,
    );
  }

  /**
   * Reads a file, from the cache or else from the network, and verifies it before anything else sees it.
   *
   * @throws {FaceNetError} `model-missing`, `model-corrupt` or `insecure-context`.
   */
  async read(file: ModelFile, meter: ProgressMeter, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const url = this.#urlOf(file);
    requireHashing();
    const cache = await openCache();
    const kept = await recall(cache, url);
    signal?.throwIfAborted();
    if (kept && (await isIntact(kept, file))) {
      meter.advance(file.path, kept.length);
      return kept;
    }
    const bytes = await download(url, file, meter, signal);
    if (!(await isIntact(bytes, file))) {
      throw new FaceNetError(
        'model-corrupt',
        `${file.path} is damaged: it is ${bytes.length} bytes and its SHA-256 is not the manifest's. Prepare or copy the models again.`,
      );
    }
    // Whoever reads need not wait until the file is kept for the next time.
    this.#keeping.push(keep(cache, url, bytes));
    return bytes;
  }

  /** Waits until all that was read is kept for the next time, as far as the browser lets it. */
  settled(): Promise<unknown> {
    return Promise.all(this.#keeping);
  }

  /** The file's address. It carries the hash, so that neither cache nor server can answer with an older file. */
  #urlOf(file: ModelFile): URL {
    const shelf = this.#shelves.find(({ manifest }) =>
      [...manifest.models.flatMap((model) => model.files), ...manifest.engines].some((known) => known === file),
    );
    if (!shelf) throw new FaceNetError('model-missing', `No manifest lists "${file.path}".`);
    const url = new URL(file.path, shelf.base);
    url.searchParams.set('sha256', file.sha256);
    return url;
  }
}

/** The addresses of models folders, of which an earlier one comes first; relative ones start at the page. */
export type FolderAddresses = string | URL | readonly (string | URL)[];

/** The whole addresses of models folders. @throws {FaceNetError} `option-invalid` where one is none. */
export function folderUrls(bases: FolderAddresses = 'models/'): string[] {
  const list = typeof bases === 'string' || bases instanceof URL ? [bases] : bases;
  if (list.length === 0)
    throw new FaceNetError('option-invalid', 'models is an empty list: give at least one address.');
  return list.map((base) => folderUrl(base).href);
}

function folderUrl(base: string | URL): URL {
  try {
    const url = new URL(base, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch (cause) {
    throw new FaceNetError(
      'option-invalid',
      `models is not an address: "${base}". Pass the URL of the models folder.`,
      {
        cause,
      },
    );
  }
}

async function openShelf(base: URL, signal: AbortSignal | undefined): Promise<Shelf> {
  const url = new URL('manifest.json', base);
  const cache = await openCache();
  // It is asked for anew each time, so that an update is seen; without a network the last one serves.
  const patience = new Patience(url, signal);
  let text: string;
  try {
    const response = await request(url, patience).catch(async (error) => {
      signal?.throwIfAborted();
      const kept = await recall(cache, url);
      if (kept) return new Response(kept);
      throw error;
    });
    requireOk(response, url);
    text = await response.text().catch((cause) => {
      patience.signal.throwIfAborted();
      throw brokenOff('manifest.json', cause);
    });
  } finally {
    patience.end();
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FaceNetError('manifest-invalid', `${url} is not JSON: check that it is the models folder's manifest.`, {
      cause,
    });
  }
  const manifest = parseManifest(json, url.href);
  await cache?.put(url, new Response(text)).catch(() => {});
  return { base, manifest };
}

/** Whatever the server answers. */
async function request(url: URL, { signal }: Patience): Promise<Response> {
  try {
    return await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FaceNetError('model-missing', `${url} could not be fetched: check the address and the network.`, {
      cause,
    });
  }
}

function requireOk(response: Response, url: URL): void {
  if (response.ok) return;
  throw new FaceNetError(
    'model-missing',
    `${url} answered ${response.status}: check the address of the models folder.`,
  );
}

function brokenOff(path: string, cause: unknown): FaceNetError {
  return new FaceNetError('model-missing', `${path} broke off while it was fetched: try again.`, { cause });
}

async function download(
  url: URL,
  file: ModelFile,
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const patience = new Patience(url, signal);
  try {
    const response = await request(url, patience);
    requireOk(response, url);
    const bytes = new Uint8Array(file.bytes);
    let length = 0;
    for await (const chunk of chunks(response, file.path, patience)) {
      if (length + chunk.length > bytes.length) {
        throw new FaceNetError(
          'model-corrupt',
          `${file.path} is longer than the ${file.bytes} bytes of the manifest. Prepare or copy the models again.`,
        );
      }
      bytes.set(chunk, length);
      length += chunk.length;
      meter.advance(file.path, chunk.length);
    }
    return bytes.subarray(0, length);
  } finally {
    patience.end();
  }
}

/** The body, piece by piece. (Not every browser can iterate a ReadableStream.) */
async function* chunks(response: Response, path: string, patience: Patience): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        patience.signal.throwIfAborted();
        throw brokenOff(path, cause);
      });
      if (done) return;
      patience.heard();
      yield value;
    }
  } finally {
    // What is not wanted any more is not fetched any further.
    await reader.cancel().catch(() => {});
  }
}

function requireHashing(): void {
  if (globalThis.crypto?.subtle) return;
  throw new FaceNetError(
    'insecure-context',
    'The weights cannot be verified on an insecure page: serve it over HTTPS or from localhost.',
  );
}

async function isIntact(bytes: Uint8Array<ArrayBuffer>, file: ModelFile): Promise<boolean> {
  if (bytes.length !== file.bytes) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === file.sha256;
}

/** What the cache holds of a file; a cache that fails holds nothing. */
async function recall(cache: Cache | undefined, url: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const kept = await cache?.match(url);
    return kept && new Uint8Array(await kept.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Puts a file into the cache, in place of what it held of that file before. */
async function keep(cache: Cache | undefined, url: URL, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (!cache) return;
  try {
    // At once, while the networks start: it takes a copy, and writes it beside them.
    await cache.put(url, new Response(bytes));
    for (const kept of await cache.keys(url, { ignoreSearch: true })) {
      if (kept.url !== url.href) await cache.delete(kept);
    }
  } catch {
    // A full or forbidden cache costs a later download, not this load.
  }
}

/** Cache Storage, where the browser grants it. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(cacheName);
  } catch {
    return undefined;
  }
}
