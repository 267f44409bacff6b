/** The name of the Cache Storage cache of verified files. */
const cacheName = 'facenet-web-models';

/** The delay between the last download and writing to the cache, in milliseconds. A load downloads about ten files. */
const persistDelay = 1000;

type FileBody = Uint8Array<ArrayBuffer> | string;

/**
 * A cache of files in Cache Storage. Writes are delayed: written while networks start, or while the first picture is
 * processed, they slow both down by a seventh.
 */
export class FileCache {
  readonly #cache: Cache | undefined;
  readonly #pendingWrites: { url: URL; body: FileBody }[] = [];
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
  write(url: URL, body: FileBody): void {
    this.#pendingWrites.push({ url, body });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.persist(), persistDelay);
  }

  /**
   * Writes the queued files now.
   *
   * @returns whether every file that was ever queued has been written.
   */
  persist(): Promise<boolean> {
    clearTimeout(this.#timer);
    const writes = this.#pendingWrites.splice(0).map(({ url, body }) => this.#put(url, body));
    this.#persisted = Promise.all([this.#persisted, ...writes]).then((written) => written.every(Boolean));
    return this.#persisted;
  }

  /**
   * Writes a file and deletes its older versions, whose URLs differ in the query. Returns whether the browser allowed
   * it.
   */
  async #put(url: URL, body: FileBody): Promise<boolean> {
    if (!this.#cache) return false;
    try {
      await this.#cache.put(url, new Response(body));
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
