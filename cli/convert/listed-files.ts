import { sha256Hex } from '../../lib/core/sha256.ts';
import type { ModelFile } from '../../lib/models/manifest.ts';

/** A file with its path. */
interface ContentFile {
  path: string;
  bytes: Uint8Array;
}

/** The files of a model below a folder of its name, and their entries in the manifest. */
export interface ListedFiles {
  files: ContentFile[];
  entries: ModelFile[];
}

/** Moves files below a folder, and computes their hashes. */
export async function listedFiles(folder: string, contents: readonly ContentFile[]): Promise<ListedFiles> {
  const files = contents.map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes }));
  const entries = files.map(async ({ path, bytes }) => ({
    path,
    bytes: bytes.length,
    sha256: await sha256Hex(new Uint8Array(bytes)),
  }));
  return { files, entries: await Promise.all(entries) };
}
