import type { FolderSource } from './folder-source.ts';
import type { ReadModelFile } from './folders.ts';
import { readContent } from './read-content.ts';

/** A models folder whose files a function reads. */
export function functionSource(readFile: ReadModelFile): FolderSource {
  return {
    nameOf: (path) => path,
    // The host does not exist: Cache Storage accepts only keys with http or https.
    cacheKey: ({ path, sha256 }) => new URL(`${path}?sha256=${sha256}`, 'https://facenet-web.invalid/'),
    // Several functions may read manifests of the same path.
    manifestKey: undefined,
    readManifest: async (_, signal) => new TextDecoder().decode(await readContent(readFile, 'manifest.json', signal)),
    async read({ path }, meter, signal) {
      const bytes = await readContent(readFile, path, signal);
      meter.advance(path, bytes.length);
      return bytes;
    },
    reload: undefined,
  };
}
