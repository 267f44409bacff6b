import type { Library } from 'facenet-web/library';
import type { PhotoFile } from './photo-files.ts';

/** The number of files to read at once. */
const pageSize = 200;

/** The sizes of the files that the page has added, by their paths. The library may not have registered them yet. */
const added = new Map<string, number>();

/**
 * Renames chosen folders that have the name of another one, such as DCIM of a second memory card: an input of the page only tells the
 * names, and the library would replace the photos of the first folder.
 */
export async function withOwnFolders(library: Library, photos: readonly PhotoFile[]): Promise<PhotoFile[]> {
  const stored = photos.some(({ path }) => path.includes('/')) ? await sizesByPath(library) : [];
  const renamed = renameFolders(photos, new Map([...stored, ...added]));
  for (const { path, file } of renamed) added.set(path, file.size);
  return renamed;
}

/** Forgets the files that the page has added, because the library was erased. */
export function forgetFolders(): void {
  added.clear();
}

/**
 * Renames each folder that has the name of another one: `DCIM` to `DCIM (2)`. It is another one if most of its files with known
 * paths have other sizes.
 *
 * @param sizes the sizes of the known files, by their paths.
 */
export function renameFolders(photos: readonly PhotoFile[], sizes: ReadonlyMap<string, number>): PhotoFile[] {
  const folders = [...new Set(photos.map(folderOf))];
  return folders.flatMap((folder) => {
    const files = photos.filter((photo) => folderOf(photo) === folder);
    return folder ? renamed(folder, files, sizes) : files;
  });
}

/** The folder that was chosen; empty for a file on its own. */
function folderOf({ path }: PhotoFile): string {
  return path.slice(0, Math.max(0, path.indexOf('/')));
}

function renamed(folder: string, files: readonly PhotoFile[], sizes: ReadonlyMap<string, number>): PhotoFile[] {
  for (let number = 1; ; number++) {
    const name = number === 1 ? folder : `${folder} (${number})`;
    const candidates = files.map(({ path, file }) => ({ path: name + path.slice(folder.length), file }));
    const known = candidates.filter(({ path }) => sizes.has(path));
    const same = known.filter(({ path, file }) => sizes.get(path) === file.size);
    if (same.length * 2 >= known.length) return candidates;
  }
}

async function sizesByPath(library: Library): Promise<[string, number][]> {
  const sizes: [string, number][] = [];
  for (const state of ['waiting', 'changed', 'done', 'failed'] as const) {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page: Awaited<ReturnType<Library['files']>> = await library.files(state, { limit: pageSize, after });
      sizes.push(...page.items.map(({ path, size }): [string, number] => [path, size]));
      after = page.next;
    }
  }
  return sizes;
}
