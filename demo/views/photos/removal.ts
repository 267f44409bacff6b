import type { Library, LibraryPhoto } from 'facenet-web/library';
import { confirmDialog } from '../../app/dialogs.tsx';
import { errorMessage } from '../../app/error-message.ts';
import { openedLibrary } from '../../app/library.ts';
import { dismissToast, toast } from '../../app/toasts.tsx';
import { refresh, refreshCounts, refreshQuestions, resetAlbum } from './album.ts';
import { forgetCrops } from './crops.ts';
import type { PhotosMessages } from './person-label.ts';
import { clearSelection } from './selection.ts';

/** Removes a photo from the library for good, if the user confirms it. */
export async function removePhoto({ id, path }: LibraryPhoto, t: PhotosMessages): Promise<void> {
  const question = { title: t.removeTitle, text: t.removeText(path), confirmLabel: t.removeYes, danger: true };
  const library = openedLibrary();
  if (!library || !(await confirmDialog(question))) return;
  dismissToast();
  try {
    await library.remove([id]);
    forgetCrops();
    // A selected face may be gone.
    clearSelection();
    await showLeft(library);
    toast(t.removed);
  } catch (error) {
    toast(errorMessage(error));
  }
  await refreshQuestions();
}

/** Removes all photos that could not be read from the library. They have no faces, and can be added again. */
export async function removeUnreadable(t: PhotosMessages): Promise<void> {
  const library = openedLibrary();
  if (!library) return;
  dismissToast();
  try {
    const { items } = await library.files('failed', { limit: 100_000 });
    const count = await library.forget(items.map(({ number }) => number));
    await showLeft(library);
    toast(t.unreadableRemoved(count));
  } catch (error) {
    toast(errorMessage(error));
  }
}

/** Shows what is left in the library. */
async function showLeft(library: Library): Promise<void> {
  const { files } = await refreshCounts(library);
  if (files === 0) resetAlbum();
  else await refresh();
}
