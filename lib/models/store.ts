import { FaceNetError } from '../core/errors.ts';
import { sha256Hex } from '../core/sha256.ts';
import { type FolderAddresses, folderUrls } from './folders.ts';
import { IdleTimeout } from './idle-timeout.ts';
import type { EngineFile, EngineFileName, Manifest, ModelDescriptor, ModelFile, Preset } from './manifest.ts';
import { parseManifest } from './manifest-schema.ts';
import type { ProgressMeter } from './progress.ts';

/** The name of the Cache Storage cache that keeps verified files. */
export const cacheName = 'facenet-web-models';

/**
 * So many milliseconds after a file came and no other did, it is written to the cache. Each further file puts that off, but a load has
 * about ten of them at most.
 */
const keepAfter = 1000;

interface Shelf {
  base: URL;
  manifest: Manifest;
  /** The manifest's text. */
  text: string;
}

/**
 * The folders that hold models, with their manifests. A file comes out of it only when its size and its SHA-256 are what
 * the manifest states, whether it came over the network or out of the cache.
 */
export class ModelStore {
  readonly #shelves: Shelf[];
  readonly #cache: Cache | undefined;
  /** What is not in the cache yet. */
  readonly #pendingWrites: { url: URL; body: Uint8Array<ArrayBuffer> | string }[];
  #kept = Promise.resolve(true);
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(shelves: Shelf[], cache: Cache | undefined) {
    this.#shelves = shelves;
    this.#cache = cache;
    this.#pendingWrites = shelves.map(({ base, text }) => ({ url: manifestOf(base), body: text }));
    this.#schedulePersist();
  }

  /**
   * Opens one folder or several; where two hold a model of one name, the earlier folder's is used.
   *
   * @throws {FaceNetError} `option-invalid` for an address that is none, `model-missing` when a manifest cannot be
   *   fetched, `manifest-invalid` when it is not one.
   */
  static async open(bases: FolderAddresses | undefined, signal?: AbortSignal): Promise<ModelStore> {
    const cache = openCache();
    const shelves = await Promise.all(folderUrls(bases).map((base) => openShelf(new URL(base), cache, signal)));
    return new ModelStore(shelves, await cache);
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
    const kept = await recall(this.#cache, url);
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
    this.#pendingWrites.push({ url, body: bytes });
    this.#schedulePersist();
    return bytes;
  }

  /**
   * Keeps in the cache at once, for the next time, what was read over the network so far. It does so by itself a second after the last
   * file came, whatever became of the load: written while networks start, or while the first picture is looked at, it would hold them up
   * by a seventh.
   *
   * @returns whether all that was read is kept, as far as the browser lets it.
   */
  persist(): Promise<boolean> {
    clearTimeout(this.#timer);
    const files = this.#pendingWrites.splice(0).map(({ url, body }) => keep(this.#cache, url, body));
    this.#kept = Promise.all([this.#kept, ...files]).then((all) => all.every(Boolean));
    return this.#kept;
  }

  #schedulePersist(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.persist(), keepAfter);
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

function manifestOf(base: URL): URL {
  return new URL('manifest.json', base);
}

async function openShelf(
  base: URL,
  cache: Promise<Cache | undefined>,
  signal: AbortSignal | undefined,
): Promise<Shelf> {
  const url = manifestOf(base);
  // It is asked for anew each time, so that an update is seen; without a network the last one serves.
  const idle = new IdleTimeout(url, signal);
  let text: string;
  try {
    const response = await request(url, idle).catch(async (error) => {
      signal?.throwIfAborted();
      const kept = await recall(await cache, url);
      if (kept) return new Response(kept);
      throw error;
    });
    requireOk(response, url);
    text = await response.text().catch((cause) => {
      idle.signal.throwIfAborted();
      throw brokenOff('manifest.json', cause);
    });
  } finally {
    idle.end();
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FaceNetError('manifest-invalid', `${url} is not JSON: check that it is the models folder's manifest.`, {
      cause,
    });
  }
  return { base, manifest: parseManifest(json, url.href), text };
}

/** Whatever the server answers. */
async function request(url: URL, { signal }: IdleTimeout): Promise<Response> {
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
  const idle = new IdleTimeout(url, signal);
  try {
    const response = await request(url, idle);
    requireOk(response, url);
    const bytes = new Uint8Array(file.bytes);
    let length = 0;
    for await (const chunk of chunks(response, file.path, idle)) {
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
    idle.end();
  }
}

/** The body, piece by piece. (Not every browser can iterate a ReadableStream.) */
async function* chunks(response: Response, path: string, idle: IdleTimeout): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        idle.signal.throwIfAborted();
        throw brokenOff(path, cause);
      });
      if (done) return;
      idle.restart();
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
  return bytes.length === file.bytes && (await sha256Hex(bytes)) === file.sha256;
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

/** Puts a file into the cache, in place of what it held of that file before; false where that is refused. */
async function keep(cache: Cache | undefined, url: URL, body: BodyInit): Promise<boolean> {
  if (!cache) return false;
  try {
    await cache.put(url, new Response(body));
    for (const kept of await cache.keys(url, { ignoreSearch: true })) {
      if (kept.url !== url.href) await cache.delete(kept);
    }
    return true;
  } catch {
    // A full or forbidden cache costs a later download, not this load.
    return false;
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
