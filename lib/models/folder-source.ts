import { download, downloadManifest } from './download.ts';
import type { FileCache } from './file-cache.ts';
import type { ModelFile } from './manifest.ts';
import type { ProgressMeter } from './progress.ts';

/** Where the files of a models folder come from. */
export interface FolderSource {
  /** The name of a file in messages. */
  nameOf(path: string): string;
  /** The key of a file's content in the cache. */
  cacheKey(file: ModelFile): URL;
  /** The key of the manifest in the cache; undefined if it is not cached. */
  manifestKey: URL | undefined;
  /**
   * Reads the manifest, or its cached copy without a network.
   *
   * @param http `no-cache` asks the server whether the HTTP cache has the current one, `reload` does not read that cache.
   */
  readManifest(
    cache: Promise<FileCache>,
    signal: AbortSignal | undefined,
    http: 'no-cache' | 'reload',
  ): Promise<string>;
  /** Reads a file and reports the progress. */
  read(file: ModelFile, meter: ProgressMeter, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads a file without the HTTP cache, which may have it of another deployment; undefined without such a cache. */
  reload: FolderSource['read'] | undefined;
}

/** Downloads files. Each address has the query of the folder's address, which may be a signature. */
export function urlSource(folder: URL): FolderSource {
  const urlOf = (path: string, search: string) => {
    const url = new URL(path, folder);
    url.search = search;
    return url;
  };
  /** It contains the SHA-256, so that neither a cache nor a server can answer with an older version. */
  const fileUrl = ({ path, sha256 }: ModelFile, search: string) => {
    const url = urlOf(path, search);
    url.searchParams.set('sha256', sha256);
    return url;
  };
  // A signature changes from load to load: it is no part of a key.
  const manifestKey = urlOf('manifest.json', '');
  return {
    nameOf: (path) => urlOf(path, '').href,
    cacheKey: (file) => fileUrl(file, ''),
    manifestKey,
    readManifest: (cache, signal, http) =>
      downloadManifest(urlOf('manifest.json', folder.search), signal, http, async () =>
        (await cache).read(manifestKey),
      ),
    read: (file, meter, signal) => download(fileUrl(file, folder.search), file, meter, signal),
    reload: (file, meter, signal) => download(fileUrl(file, folder.search), file, meter, signal, 'reload'),
  };
}
