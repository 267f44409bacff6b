import { signal } from '@preact/signals';
import { FaceNetError } from 'facenet-web';
import { Gallery, type Person } from 'facenet-web/gallery';
import { whenLoaded } from './facenet.ts';

/** The page's gallery; `kept` is false where the browser keeps nothing, so that it lasts as long as the page. */
export type GalleryState =
  | { status: 'opening' }
  | { status: 'open'; gallery: Gallery; kept: boolean; why?: FaceNetError }
  | { status: 'failed'; error: unknown };

/** The one gallery of the page, which every view shares. */
export const galleryState = signal<GalleryState>({ status: 'opening' });

/** Everybody in the gallery, in the order in which they came. */
export const people = signal<readonly Person[]>([]);

/** Opens the gallery as soon as the networks are there, in memory where the browser does not keep it. */
export async function openGallery(): Promise<void> {
  galleryState.value = { status: 'opening' };
  const facenet = await whenLoaded();
  const options = { name: 'demo', facenet, onChange: () => void refreshPeople() };
  try {
    galleryState.value = { status: 'open', gallery: await Gallery.open(options), kept: true };
  } catch (error) {
    if (!isStorageError(error)) {
      galleryState.value = { status: 'failed', error };
      return;
    }
    const gallery = await Gallery.open({ ...options, storage: 'memory' });
    galleryState.value = { status: 'open', gallery, kept: false, why: error };
  }
  await refreshPeople();
}

/** Reads the people anew; to be called after every change of the gallery. */
export async function refreshPeople(): Promise<void> {
  const state = galleryState.peek();
  if (state.status === 'open') people.value = await state.gallery.list();
}

/** Whether the browser refused to keep something. */
export function isStorageError(error: unknown): error is FaceNetError {
  return error instanceof FaceNetError && /^storage-/.test(error.code);
}
