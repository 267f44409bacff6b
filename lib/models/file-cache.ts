/** The name of the Cache Storage cache of verified files. */
const cacheName = 'facenet-web-models';

/** The delay between the last download and writing to the cache, in milliseconds. A load downloads about ten files. */
const persistDelay = 1000;

type FileBody = Uint8Array<ArrayBuffer> | string;

/** A file to write. */
interface QueuedFile {
  url: URL;
  body: FileBody;
  /** Whether older versions, whose URLs differ in the query, are deleted. Otherwise the next manifest does that. */
  replacesOlder: boolean;
}

/** A manifest to write after the files of its folder. */
export interface QueuedManifest {
  /** Its URL. The folder's files are below the same path. */
  url: URL;
  text: string;
  /** The URLs of all files that it names. */
  names: ReadonlySet<string>;
  /** Whether every file that was asked for so far has been read. Until then an older manifest and its files are kept. */
  isComplete: () => boolean;
}

/**
 * A cache of files in Cache Storage. Writes are delayed: written while networks start, or while the first picture is
 * processed, they slow both down by a seventh.
 */
export class FileCache {
  readonly #cache: Cache | undefined;
  readonly #pendingWrites: QueuedFile[] = [];
  #pendingManifests: QueuedManifest[] = [];
  #persisted = Promise.resolve(true);
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(cache: Cache | undefined) {
    this.#cache = cache;
  }

  /** Opens the cache. If the browser denies Cache Storage, nothing is read and nothing is persisted. */
  static async open(): Promise<FileCache> {
    try {
      return new FileCache(await caches.open(cacheName));
    } catch {
      return new FileCache(undefined);
    }
  }

  /** Reads a file. `undefined` if the cache does not have it or fails. */
  async read(url: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const response = await this.#cache?.match(url);
      return response && new Uint8Array(await response.arrayBuffer());
    } catch {
      return undefined;
    }
  }

  /** Queues a file. It is written at {@link persist}, or a second after the last file was queued. */
  write(url: URL, body: FileBody, { replacesOlder = false } = {}): void {
    this.#pendingWrites.push({ url, body, replacesOlder });
    this.schedule();
  }

  /**
   * Queues a manifest. It is written after the files, once it is complete, so that an interrupted update leaves the older
   * manifest with its files. Then the files of its folder that no manifest names are deleted.
   */
  writeManifest(manifest: QueuedManifest): void {
    this.#pendingManifests.push(manifest);
  }

  /** Writes what is queued a second from now. */
  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.persist(), persistDelay);
  }

  /**
   * Writes the queued files now.
   *
   * @returns whether every file and every manifest that was ever queued has been written.
   */
  persist(): Promise<boolean> {
    clearTimeout(this.#timer);
    const writes = this.#pendingWrites.splice(0).map((file) => this.#put(file));
    this.#persisted = Promise.all([this.#persisted, ...writes]).then((written) => written.every(Boolean));
    return this.#persisted.then(async (written) => written && (await this.#putManifests()));
  }

  /** Writes the manifests that are complete. @returns whether all are written. */
  async #putManifests(): Promise<boolean> {
    const complete = this.#pendingManifests.filter(({ isComplete }) => isComplete());
    this.#pendingManifests = this.#pendingManifests.filter((manifest) => !complete.includes(manifest));
    for (const { url, text } of complete) {
      if (!(await this.#put({ url, body: text, replacesOlder: true }))) return false;
    }
    for (const manifest of complete) await this.#deleteUnnamed(manifest).catch(() => {});
    return this.#pendingManifests.length === 0;
  }

  /** Deletes the files below a manifest that it does not name, except those of other manifests further below. */
  async #deleteUnnamed({ url, names }: QueuedManifest): Promise<void> {
    const folderOf = (address: string) => new URL('.', address).href;
    const cached = ((await this.#cache?.keys()) ?? []).map((request) => request.url);
    const folder = folderOf(url.href);
    const nested = cached
      .filter((address) => new URL(address).pathname.endsWith('/manifest.json') && address !== url.href)
      .map(folderOf)
      .filter((other) => other.startsWith(folder) && other !== folder);
    const below = cached.filter((address) => address.startsWith(folder) && address !== url.href);
    for (const address of below) {
      if (names.has(address) || nested.some((other) => address.startsWith(other))) continue;
      await this.#cache?.delete(address);
    }
  }

  /** Writes a file. @returns whether the browser allowed it. */
  async #put({ url, body, replacesOlder }: QueuedFile): Promise<boolean> {
    if (!this.#cache) return false;
    try {
      await this.#cache.put(url, new Response(body));
      if (!replacesOlder) return true;
      for (const request of await this.#cache.keys(url, { ignoreSearch: true })) {
        if (request.url !== url.href) await this.#cache.delete(request);
      }
      return true;
    } catch {
      // A full cache costs a later download, but must not fail this load.
      return false;
    }
  }
}
