import { signal } from '@preact/signals';
import type { FaceNet } from 'facenet-web';
import { Library, type LibraryFaceNet } from 'facenet-web/library';
import { facenetState, loadedFaceNet } from './facenet.ts';
import { isStorageError } from './gallery.ts';

/** The state of the photo library. If the browser refuses to store it, it is in memory and `storageError` says why. */
export type LibraryState =
  | { status: 'closed' }
  | { status: 'opening' }
  | { status: 'open'; library: Library; storageError: unknown }
  | { status: 'failed'; error: unknown };

/** The page's only photo library. */
export const libraryState = signal<LibraryState>({ status: 'closed' });

/** The name of the library's database. */
export const libraryDatabase = 'facenet-library:demo';

const name = 'demo';

let opening: Promise<void> | undefined;
/** Ends the pending {@link openLibrary} when the library is erased. The next one opens it again. */
let erasing = new AbortController();

/** Opens the library once the models are loaded, unless it is open. A failed one is opened again. */
export async function openLibrary(): Promise<void> {
  if (libraryState.peek().status === 'open') return;
  opening ??= open(erasing.signal);
  await opening;
}

async function open(signal: AbortSignal): Promise<void> {
  libraryState.value = { status: 'opening' };
  const state = await openedState(signal).catch((error: unknown) => ({ status: 'failed' as const, error }));
  if (signal.aborted) {
    if (state.status === 'open') await state.library.close();
    return;
  }
  opening = undefined;
  libraryState.value = state;
}

/** Opens the library, in memory if the browser refuses to store it. */
async function openedState(signal: AbortSignal): Promise<LibraryState & { status: 'open' }> {
  const facenet = await currentFaceNet();
  signal.throwIfAborted();
  // Photos are searched as by the preset `library`, but for faces as small as the page's preset finds.
  const options = { name, facenet, signal, onClose, previews: 800, detect: { thorough: false } };
  try {
    return { status: 'open', library: await Library.open(options), storageError: undefined };
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return { status: 'open', library: await Library.open({ ...options, storage: 'memory' }), storageError: error };
  }
}

/** Another tab erased the library: the next {@link openLibrary} opens it again. */
function onClose(): void {
  libraryState.value = { status: 'closed' };
}

/**
 * The page's FaceNet, also after it was loaded again with other options, which disposes the one before. While the next one loads, it
 * has the models of the one before.
 */
async function currentFaceNet(): Promise<LibraryFaceNet> {
  let latest = described(await loadedFaceNet());
  facenetState.subscribe((state) => {
    if (state.status === 'ready') latest = described(state.facenet);
  });
  const embed = async (...parameters: Parameters<FaceNet['embed']>) => (await loadedFaceNet()).embed(...parameters);
  return {
    get rule() {
      return latest.rule;
    },
    get identity() {
      return latest.identity;
    },
    get models() {
      return latest.models;
    },
    get detectionFiles() {
      return latest.detectionFiles;
    },
    embed: embed as LibraryFaceNet['embed'],
  };
}

/** What a library reads of a FaceNet at any time. A disposed one does not say it any more. */
function described({ rule, identity, models, detectionFiles }: FaceNet): Required<Omit<LibraryFaceNet, 'embed'>> {
  return { rule, identity, models, detectionFiles };
}

/** The open library; undefined if there is none. */
export function openedLibrary(): Library | undefined {
  const state = libraryState.peek();
  return state.status === 'open' ? state.library : undefined;
}

/**
 * Closes the library and erases it, whether or not it can be opened.
 *
 * @param onBlocked called if a suspended tab keeps the library open.
 */
export async function eraseLibrary(onBlocked: () => void): Promise<void> {
  const library = openedLibrary();
  erasing.abort();
  erasing = new AbortController();
  opening = undefined;
  libraryState.value = { status: 'closed' };
  await library?.close();
  await Library.erase(name, { onBlocked });
}
