import { FaceNetError } from '../core/errors.ts';
import { lazyImport } from '../core/lazy-import.ts';
import { noFolder } from './download.ts';
import type { FileCache } from './file-cache.ts';
import { type FolderSource, urlSource } from './folder-source.ts';
import type { ReadModelFile } from './folders.ts';
import type { Manifest, ModelFile } from './manifest.ts';
import { parseManifest } from './manifest-schema.ts';

/** A folder of models. */
export interface ModelFolder {
  /** The absolute URL, or the function that reads the files. */
  address: string | ReadModelFile;
  source: FolderSource;
  manifest: Manifest;
  /** The manifest's text, for the cache. */
  text: string;
}

/**
 * Opens a folder. Its manifest is read every time, so that an update of the models is noticed; without a network the
 * cached copy is used.
 *
 * @param http `no-cache` asks the server whether the HTTP cache has the current one, `reload` does not read that cache.
 * @throws {FaceNetError} `model-missing` when the manifest cannot be read, `manifest-invalid` when it is not a manifest.
 */
export async function openFolder(
  address: string | ReadModelFile,
  cache: Promise<FileCache>,
  signal: AbortSignal | undefined,
  http: 'no-cache' | 'reload' = 'no-cache',
): Promise<ModelFolder> {
  const source = await folderSource(address);
  const text = await source.readManifest(cache, signal, http);
  const name = source.nameOf('manifest.json');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    // A server without content types may send a web page instead of 404.
    if (text.trimStart().startsWith('<')) {
      const folder = name.replace(/manifest\.json$/, '');
      throw new FaceNetError('model-missing', `${noFolder(folder)} Its manifest.json is a web page.`, { cause });
    }
    throw new FaceNetError('manifest-invalid', `${name} is not JSON: check that it is the models folder's manifest.`, {
      cause,
    });
  }
  return { address, source, manifest: parseManifest(json, name), text };
}

/** The source of a folder: its absolute URL, or a function that reads its files. */
async function folderSource(folder: string | ReadModelFile): Promise<FolderSource> {
  if (typeof folder === 'string') return urlSource(new URL(folder));
  const { functionSource } = await lazyImport(() => import('./function-source.ts'));
  return functionSource(folder);
}

/** All files that a manifest lists. */
export function filesOf({ models, classical = [], engines }: Manifest): ModelFile[] {
  return [...[...models, ...classical].flatMap(({ files }): ModelFile[] => files), ...engines];
}

/** The source of a file: that of the folder whose manifest lists it. */
export function sourceOf(folders: readonly ModelFolder[], file: ModelFile): FolderSource {
  const folder = folders.find(({ manifest }) => filesOf(manifest).some((listed) => listed === file));
  if (!folder)
    throw new FaceNetError('model-missing', `No manifest lists "${file.path}": copy the whole models folder.`);
  return folder.source;
}
