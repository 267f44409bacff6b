import { useEffect } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { libraryState } from '../../app/library.ts';
import { isTouch } from '../../app/pointer.ts';
import { toast } from '../../app/toasts.tsx';
import { CodeSample } from '../../ui/CodeSample.tsx';
import { ErrorText } from '../../ui/ErrorText.tsx';
import { DropZone, pathOf } from '../../ui/PhotoInput.tsx';
import { Album } from './Album.tsx';
import { phase } from './album.ts';
import { en, ko } from './messages.ts';
import { selectPhotos } from './photo-files.ts';
import { addPhotos, openAlbum } from './queue.ts';
import { Start } from './Start.tsx';
import './photos.css';

/** Groups the faces of many photos by person. The queue keeps running while other views are shown. */
export function View() {
  const t = localized({ en, ko });
  const state = libraryState.value;
  useEffect(() => {
    void openAlbum();
  }, []);
  const add = (files: readonly File[]) => {
    const accepted = selectPhotos(files, pathOf);
    if (accepted.length === 0) toast(t.noPhotos);
    else if (accepted.length < files.length) toast(t.skipped(files.length - accepted.length));
    if (accepted.length > 0) void addPhotos(accepted);
  };
  return (
    <section class="photos view" aria-labelledby="view-title">
      <header class="photos-head">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{isTouch ? t.leadTouch : t.lead}</p>
      </header>
      {state.status === 'failed' && (
        <p role="alert" class="error">
          {t.openFailed} <ErrorText error={state.error} />
        </p>
      )}
      {state.status === 'open' && state.storageError !== undefined && <p role="alert">{t.notStored}</p>}
      {phase.value === 'empty' ? (
        <Start onFiles={add} />
      ) : (
        <DropZone label={t.album} onFiles={add}>
          <Album onFiles={add} />
        </DropZone>
      )}
      <CodeSample view="photos" />
    </section>
  );
}
