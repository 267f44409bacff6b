import { FaceNetError } from '../../core/errors.ts';
import type { PhotoSource, PhotoSources } from '../model/types.ts';

/** A file to index, and where to read it again. */
export interface ListedFile {
  path: string;
  file: File;
  /** The handle that it came from. */
  handle?: FileSystemFileHandle;
}

/** Image formats for which browsers may report no MIME type. */
const untypedImages = /\.(heic|heif|avif|jxl|tiff?|dng|cr2|nef|arw)$/i;

/**
 * The files of the sources that may be photos, with those in folders.
 *
 * @throws {FaceNetError} `option-invalid` for a source that is neither a file nor a handle.
 */
export async function* listFiles(sources: PhotoSources): AsyncGenerator<ListedFile> {
  for await (const source of sources) yield* filesOf(source, '');
}

async function* filesOf(source: PhotoSource, folder: string): AsyncGenerator<ListedFile> {
  if (typeof source !== 'object' || source === null) throw invalidSource(source);
  if ('kind' in source) {
    if (source.kind === 'directory') {
      for await (const entry of entriesOf(source)) yield* filesOf(entry, `${folder}${source.name}/`);
    } else {
      const file = await source.getFile();
      if (mayBePhoto(file)) yield { path: folder + source.name, file, handle: source };
    }
    return;
  }
  const file = 'file' in source ? source.file : source;
  if (typeof file?.arrayBuffer !== 'function') throw invalidSource(source);
  const path = 'file' in source ? source.path : source.webkitRelativePath || source.name;
  if (mayBePhoto(file)) yield { path, file };
}

/** TypeScript's DOM library lacks the iteration of folders. */
function entriesOf(folder: FileSystemDirectoryHandle): AsyncIterable<FileSystemFileHandle | FileSystemDirectoryHandle> {
  return (folder as unknown as { values(): AsyncIterable<FileSystemFileHandle | FileSystemDirectoryHandle> }).values();
}

function mayBePhoto({ type, name }: File): boolean {
  return type.startsWith('image/') || untypedImages.test(name);
}

function invalidSource(source: unknown): FaceNetError {
  return new FaceNetError('option-invalid', `A source is ${source}: pass files, or handles of files or folders.`);
}
