import { signal } from '@preact/signals';
import { FaceNetError } from 'facenet-web';
import { Gallery, type Person, type ReadOptions } from 'facenet-web/gallery';
import { loadedFaceNet } from './facenet.ts';
import { localized } from './language.ts';
import { en, ko } from './messages.ts';
import { toast } from './toasts.tsx';

/** The shared gallery. If the browser refuses to store it, it is in memory and `storageError` says why. */
interface OpenedGallery {
  gallery: Gallery;
  storageError: FaceNetError | undefined;
}

/** The state of the shared gallery. */
export type GalleryState =
  | { status: 'opening' }
  | ({ status: 'open' } & OpenedGallery)
  /** It has a passphrase: {@link unlockGallery} opens it. */
  | ({ status: 'locked' } & OpenedGallery)
  /** An earlier version of this page made some embeddings with another model: {@link updateGallery} converts them. */
  | ({ status: 'outdated'; faces: number; crops: number } & OpenedGallery)
  | { status: 'failed'; error: unknown };

/** The page's only gallery. All views share it. */
export const galleryState = signal<GalleryState>({ status: 'opening' });

/** All people in the gallery, in the order of their enrolment. */
export const people = signal<readonly Person[]>([]);

/** The names of the gallery's database, and of the one that replaces it. */
export const galleryDatabases: readonly string[] = ['facenet-gallery:demo', 'facenet-gallery-replacement:demo'];

const name = 'demo';
/** Ends a pending {@link openGallery} when the gallery is erased. */
const erasing = new AbortController();

/**
 * Opens the gallery once the models are loaded. Falls back to memory if the browser refuses to store it.
 *
 * @param repair whether damaged records are set aside.
 */
export async function openGallery(repair = false): Promise<void> {
  galleryState.value = { status: 'opening' };
  const facenet = await loadedFaceNet();
  const { signal } = erasing;
  if (signal.aborted) return;
  const onBlocked = () => toast(localized({ en, ko }).galleryBlocked);
  // Changes in other tabs are not use of this one.
  const onChange = () => void refreshPeople({ background: true });
  const options = { name, facenet, signal, repair, onBlocked, onChange };
  try {
    galleryState.value = await stateOf({ gallery: await Gallery.open(options), storageError: undefined });
  } catch (error) {
    if (signal.aborted) return;
    if (!isStorageError(error)) {
      galleryState.value = { status: 'failed', error };
      return;
    }
    const gallery = await Gallery.open({ ...options, storage: 'memory' });
    galleryState.value = await stateOf({ gallery, storageError: error });
  }
  await refreshPeople();
}

/** Unlocks the gallery. @throws {FaceNetError} `key-wrong` for a wrong passphrase. */
export async function unlockGallery(passphrase: string): Promise<void> {
  const state = galleryState.peek();
  if (state.status !== 'locked') return;
  await state.gallery.unlock(passphrase);
  galleryState.value = await stateOf({ gallery: state.gallery, storageError: state.storageError });
  await refreshPeople();
}

/**
 * Opens the gallery without its damaged records, which are set aside.
 *
 * @param passphrase that of a locked gallery whose records turned out to be damaged when it was unlocked.
 * @returns the number of the records that were set aside; undefined if the gallery cannot be opened in this way either.
 */
export async function repairGallery(passphrase?: string): Promise<number | undefined> {
  const before = galleryState.peek();
  if ('gallery' in before) await before.gallery.close();
  await openGallery(true);
  if (passphrase !== undefined) await unlockGallery(passphrase);
  const state = galleryState.peek();
  if (state.status !== 'open' && state.status !== 'outdated') return undefined;
  return (await state.gallery.damaged()).length;
}

/** Whether an error means that {@link repairGallery} may help. */
export function isRepairable(error: unknown): boolean {
  return error instanceof FaceNetError && error.code === 'gallery-corrupt';
}

/** Locks the gallery, which needs a passphrase. */
export async function lockGallery(): Promise<void> {
  const state = galleryState.peek();
  if (state.status !== 'open' && state.status !== 'outdated') return;
  await state.gallery.lock();
  people.value = [];
  galleryState.value = { status: 'locked', gallery: state.gallery, storageError: state.storageError };
}

/** Opens the gallery again for the FaceNet in use. The remembered people of another embedder are then outdated. */
export async function reopenGallery(): Promise<void> {
  const state = galleryState.peek();
  galleryState.value = { status: 'opening' };
  people.value = [];
  if ('gallery' in state) await state.gallery.close();
  await openGallery();
}

/**
 * Erases the stored gallery, whether or not it can be opened, and the people in memory.
 *
 * @param onBlocked called if a suspended tab keeps the gallery open.
 */
export async function eraseGallery(onBlocked: () => void): Promise<void> {
  erasing.abort();
  const state = galleryState.peek();
  galleryState.value = { status: 'opening' };
  people.value = [];
  // close() waits for pending changes, which another tab can delay. The erase does not wait for them.
  if ('gallery' in state) state.gallery.close().catch(() => {});
  await Gallery.erase(name, { onBlocked });
}

/** The state of an opened gallery, by the models of its enrolled faces. */
async function stateOf(opened: OpenedGallery, reading: ReadOptions = {}): Promise<GalleryState> {
  if (opened.gallery.locked) return { status: 'locked', ...opened };
  const others = (await opened.gallery.models(reading)).filter(({ current }) => !current);
  if (others.length === 0) return { status: 'open', ...opened };
  const sum = (key: 'faces' | 'crops') => others.reduce((total, each) => total + each[key], 0);
  return { status: 'outdated', faces: sum('faces'), crops: sum('crops'), ...opened };
}

/**
 * Embeds the stored crops of an outdated gallery again and removes the enrolled faces for which that is impossible.
 *
 * @returns the numbers of faces embedded and removed.
 */
export async function updateGallery(): Promise<{ embedded: number; removed: number }> {
  const state = galleryState.peek();
  if (state.status !== 'outdated') return { embedded: 0, removed: 0 };
  const { gallery, storageError } = state;
  const { embedded, receipt } = await gallery.reembed(await loadedFaceNet(), { removeRest: true });
  // Faces whose crops cannot be decoded stay, until the user tries again.
  galleryState.value = await stateOf({ gallery, storageError });
  await refreshPeople();
  return { embedded, removed: receipt?.faces.length ?? 0 };
}

/**
 * Updates {@link people} from the gallery. Call it after every change. Fails if another tab erased the gallery.
 *
 * @param reading `background` if another tab made the change.
 */
export async function refreshPeople(reading: ReadOptions = {}): Promise<void> {
  const state = galleryState.peek();
  if (!('gallery' in state)) return;
  try {
    people.value = await listedPeople(state, reading);
  } catch (error) {
    people.value = [];
    // Another tab may have locked the gallery, or protected it with a passphrase.
    const isLocked = error instanceof FaceNetError && error.code === 'gallery-locked';
    if (galleryState.peek() !== state) return;
    const { gallery, storageError } = state;
    if (isLocked) {
      galleryState.value = { status: 'locked', gallery, storageError };
      return;
    }
    galleryState.value = { status: 'failed', error };
    // Forgets its key and its people. Nothing refers to it from here on.
    gallery.close().catch(() => {});
    return;
  }
  // Another tab may have updated the gallery, or the user may have removed the last outdated person.
  if (state.status === 'outdated') galleryState.value = await stateOf(state, reading);
}

/** The people of a gallery; nobody while it is locked. @throws {FaceNetError} `disposed` if another tab erased it. */
async function listedPeople(
  { status, gallery }: GalleryState & OpenedGallery,
  reading: ReadOptions,
): Promise<readonly Person[]> {
  if (status !== 'locked') return gallery.list(reading);
  // A list of a locked gallery only reports that it is locked. This reports that it is gone.
  void gallery.locked;
  return [];
}

/** Whether an error means that the browser refused to store data. */
export function isStorageError(error: unknown): error is FaceNetError {
  return error instanceof FaceNetError && /^storage-/.test(error.code);
}
