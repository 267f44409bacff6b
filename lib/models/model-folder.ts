import { FaceNetError } from '../core/errors.ts';
import { downloadText } from './download.ts';
import type { FileCache } from './file-cache.ts';
import type { Manifest, ModelFile } from './manifest.ts';
import { parseManifest } from './manifest-schema.ts';

/** A folder of models. */
export interface ModelFolder {
  /** The folder's URL, with a slash at its end. */
  base: URL;
  manifest: Manifest;
  /** The manifest's text, for the cache. */
  text: string;
}

/** The URL of a folder's manifest. */
export function manifestUrl(base: URL): URL {
  return new URL('manifest.json', base);
}

/**
 * Opens a folder. Its manifest is fetched every time, so that an update of the models is noticed; without a network the
 * cached copy is used.
 *
 * @throws {FaceNetError} `model-missing` when the manifest cannot be fetched, `manifest-invalid` when it is not a
 *   manifest.
 */
export async function openFolder(
  base: URL,
  cache: Promise<FileCache>,
  signal: AbortSignal | undefined,
): Promise<ModelFolder> {
  const url = manifestUrl(base);
  const text = await downloadText(url, signal, async () => (await cache).read(url));
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

/**
 * The URL of a file. It contains the SHA-256, so that neither a cache nor a server can answer with an older version.
 */
export function fileUrl(folders: readonly ModelFolder[], file: ModelFile): URL {
  const folder = folders.find(({ manifest }) =>
    [...manifest.models.flatMap((model) => model.files), ...manifest.engines].some((listed) => listed === file),
  );
  if (!folder) throw new FaceNetError('model-missing', `No manifest lists "${file.path}".`);
  const url = new URL(file.path, folder.base);
  url.searchParams.set('sha256', file.sha256);
  return url;
}
