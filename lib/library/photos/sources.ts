import { FaceNetError } from '../../core/errors.ts';
import type { PhotoSource, PhotoSources } from '../model/types.ts';
import { isRefusal, permissionMissing } from './permission.ts';

/** A file to index, and where to read it again. */
export interface ListedFile {
  path: string;
  file: File;
  /** The handle that it came from. */
  handle?: FileSystemFileHandle;
}

/** A file that could not be opened, but may be a photo by its name. */
export interface UnreadableFile {
  path: string;
  handle: FileSystemFileHandle;
  error: FaceNetError;
}

/** Image formats for which browsers may report no MIME type. */
const untypedImages = /\.(heic|heif|avif|jxl|tiff?|dng|cr2|nef|arw)$/i;

/** The other image formats. */
const typedImages = /\.(jpe?g|png|webp|gif|bmp)$/i;

/** @throws {FaceNetError} `option-invalid` for what is no sequence of sources, such as a single file. */
export function requireSources(sources: PhotoSources): void {
  // A handle of a folder is a sequence of its entries' names.
  const isSequence =
    typeof sources === 'object' &&
    sources !== null &&
    !('kind' in sources) &&
    (Symbol.iterator in sources || Symbol.asyncIterator in sources);
  if (isSequence) return;
  throw new FaceNetError(
    'option-invalid',
    'add() takes a list of photos: pass files, handles or { path, file } in an array, such as add([file]).',
  );
}

/**
 * The files of the sources that may be photos, with those in folders.
 *
 * @throws {FaceNetError} `option-invalid` for a source that is neither a file nor a handle; `image-unreadable` at the end, if a
 *   folder could not be listed.
 */
export async function* listFiles(sources: PhotoSources): AsyncGenerator<ListedFile | UnreadableFile> {
  const errors: FaceNetError[] = [];
  for await (const source of sources) yield* filesOf(source, '', errors);
  if (errors[0]) throw errors[0];
}

async function* filesOf(
  source: PhotoSource,
  folder: string,
  errors: FaceNetError[],
): AsyncGenerator<ListedFile | UnreadableFile> {
  if (typeof source !== 'object' || source === null) throw invalidSource(source);
  if ('kind' in source) {
    if (source.kind === 'directory') yield* filesIn(source, `${folder}${source.name}/`, errors);
    else yield* fileOf(source, folder + source.name);
    return;
  }
  const file = 'file' in source ? source.file : source;
  const path = 'file' in source ? source.path : source.webkitRelativePath || source.name;
  // A Blob has no time, by which photos are listed.
  const isFile = typeof file?.arrayBuffer === 'function' && Number.isFinite(file.lastModified);
  if (!isFile || typeof path !== 'string') throw invalidSource(source);
  // Only files that the library lists itself have one.
  const { handle } = source as Partial<ListedFile>;
  if (mayBePhoto(file)) yield { path, file, ...(handle && { handle }) };
}

/** The files in a folder. The other folders are listed although one cannot be. */
async function* filesIn(
  folder: FileSystemDirectoryHandle,
  path: string,
  errors: FaceNetError[],
): AsyncGenerator<ListedFile | UnreadableFile> {
  try {
    for await (const entry of entriesOf(folder)) yield* filesOf(entry, path, errors);
  } catch (cause) {
    if (cause instanceof FaceNetError) throw cause;
    errors.push(unreadable(`The folder ${path} could not be listed`, cause));
  }
}

async function* fileOf(handle: FileSystemFileHandle, path: string): AsyncGenerator<ListedFile | UnreadableFile> {
  if (typeof handle.getFile !== 'function') throw invalidSource(handle);
  let file: File;
  try {
    file = await handle.getFile();
  } catch (cause) {
    const mayBe = untypedImages.test(path) || typedImages.test(path);
    const errorOf = () =>
      isRefusal(cause) ? permissionMissing(path, 'add()', cause) : unreadable('The file could not be opened', cause);
    if (mayBe) yield { path, handle, error: errorOf() };
    return;
  }
  if (mayBePhoto(file)) yield { path, file, handle };
}

function unreadable(what: string, cause: unknown): FaceNetError {
  const reason = cause instanceof Error ? cause.name : String(cause);
  return new FaceNetError(
    'image-unreadable',
    `${what} (${reason}): check that it exists and that the page may read it, and add it again.`,
    { cause },
  );
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
