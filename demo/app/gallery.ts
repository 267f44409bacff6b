import { signal } from '@preact/signals';
import { FaceNetError } from 'facenet-web';
import { Gallery, type Person } from 'facenet-web/gallery';
import { loadedFaceNet } from './facenet.ts';

/** The state of the shared gallery. If the browser refuses to store it, it is in memory and `storageError` says why. */
export type GalleryState =
  | { status: 'opening' }
  | { status: 'open'; gallery: Gallery; storageError: FaceNetError | undefined }
  | { status: 'failed'; error: unknown };

/** The page's only gallery. All views share it. */
export const galleryState = signal<GalleryState>({ status: 'opening' });

/** All people in the gallery, in the order of their enrolment. */
export const people = signal<readonly Person[]>([]);

/** Opens the gallery once the models are loaded. Falls back to memory if the browser refuses to store it. */
export async function openGallery(): Promise<void> {
  galleryState.value = { status: 'opening' };
  const facenet = await loadedFaceNet();
  const options = { name: 'demo', facenet, onChange: () => void refreshPeople() };
  try {
    galleryState.value = { status: 'open', gallery: await Gallery.open(options), storageError: undefined };
  } catch (error) {
    if (!isStorageError(error)) {
      galleryState.value = { status: 'failed', error };
      return;
    }
    const gallery = await Gallery.open({ ...options, storage: 'memory' });
    galleryState.value = { status: 'open', gallery, storageError: error };
  }
  await refreshPeople();
}

/** Updates {@link people} from the gallery. Call it after every change of the gallery. */
export async function refreshPeople(): Promise<void> {
  const state = galleryState.peek();
  if (state.status === 'open') people.value = await state.gallery.list();
}

/** Whether an error means that the browser refused to store data. */
export function isStorageError(error: unknown): error is FaceNetError {
  return error instanceof FaceNetError && /^storage-/.test(error.code);
}
