import { FaceNetError } from '../core/errors.ts';

/** The content of a file of a models folder. Of a `Response` the status is checked too. */
export type ModelFileContent = ArrayBuffer | ArrayBufferView | Blob | Response;

/**
 * Reads a file of a models folder from anywhere: an app's bundle, a database, an address that is signed for each file.
 * The library verifies and caches what it returns.
 *
 * @param path the path in the folder, such as `manifest.json` or `engines/facenet-simd.wasm`.
 * @param options its signal aborts when the load does. Nothing else limits the time.
 */
export type ReadModelFile = (
  path: string,
  options: { signal: AbortSignal },
) => ModelFileContent | Promise<ModelFileContent>;

/** A models folder: its URL, relative to the page's, or a function that reads its files. */
export type ModelFolderSource = string | URL | ReadModelFile;

/** One or several models folders. An earlier folder has precedence. */
export type ModelFolderSources = ModelFolderSource | readonly ModelFolderSource[];

/**
 * The absolute URLs of models folders, and the functions unchanged.
 *
 * @throws {FaceNetError} `option-invalid` for an invalid URL or an empty list.
 */
export function modelFolders(folders: ModelFolderSources = 'models/'): (string | ReadModelFile)[] {
  const list: readonly unknown[] = Array.isArray(folders) ? folders : [folders];
  if (list.length === 0) throw new FaceNetError('option-invalid', 'models is an empty list: pass at least one URL.');
  return list.map((folder) => (typeof folder === 'function' ? (folder as ReadModelFile) : folderUrl(folder).href));
}

function folderUrl(source: unknown): URL {
  // instanceof does not know the URLs of an iframe.
  const folder = typeof source === 'string' ? source : (source as Partial<URL> | null)?.href;
  if (typeof folder !== 'string') {
    throw new FaceNetError('option-invalid', 'models holds neither a URL nor a function: pass the URL of the folder.');
  }
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    const url = new URL(folder, base);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch (cause) {
    const message = /^(blob|data):/.test(base)
      ? `models is "${folder}", which cannot be resolved against the ${base.split(':')[0]}: URL of this script. Pass an absolute URL.`
      : `models is not a URL: "${folder}". Pass the URL of the models folder.`;
    throw new FaceNetError('option-invalid', message, { cause });
  }
}
