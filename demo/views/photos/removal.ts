import type { LibraryPhoto } from 'facenet-web/library';
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
    const { files } = await refreshCounts(library);
    if (files === 0) resetAlbum();
    else await refresh();
    toast(t.removed);
  } catch (error) {
    toast(errorMessage(error));
  }
  await refreshQuestions();
}
