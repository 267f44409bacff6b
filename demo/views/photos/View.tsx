import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { DropZone, pathOf } from '../../ui/PhotoInput.tsx';
import { Album } from './Album.tsx';
import { photos } from './album.ts';
import { en, ko } from './messages.ts';
import { selectPhotos } from './photo-files.ts';
import { addPhotos } from './queue.ts';
import { Start } from './Start.tsx';
import './photos.css';

/** Groups the faces of many photos by person. The queue keeps running while other views are shown. */
export function View() {
  const t = localized({ en, ko });
  const add = (files: readonly File[]) => {
    const accepted = selectPhotos(files, pathOf);
    if (accepted.length === 0) toast(t.noPhotos);
    else if (accepted.length < files.length) toast(t.skipped(files.length - accepted.length));
    void addPhotos(accepted);
  };
  return (
    <section class="photos view" aria-labelledby="view-title">
      <header class="photos-head">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </header>
      {photos.value.length === 0 ? (
        <Start onFiles={add} />
      ) : (
        <DropZone label={t.album} onFiles={add}>
          <Album onFiles={add} />
        </DropZone>
      )}
    </section>
  );
}
