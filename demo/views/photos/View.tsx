import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { DropZone, pathOf } from '../../ui/PhotoInput.tsx';
import { Album } from './Album.tsx';
import { addPhotos, photos } from './album.ts';
import { en, ko } from './messages.ts';
import { photosAmong } from './photo-files.ts';
import { Start } from './Start.tsx';
import './photos.css';

/** Many photos: who is in them, person by person. The queue goes on while other views are shown. */
export function View() {
  const t = localized({ en, ko });
  const take = (files: readonly File[]) => {
    const taken = photosAmong(files, pathOf);
    if (taken.length === 0) toast(t.nothingHere);
    else if (taken.length < files.length) toast(t.passedOver(files.length - taken.length));
    void addPhotos(taken);
  };
  return (
    <section class="photos view" aria-labelledby="view-title">
      <header class="photos-head">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </header>
      {photos.value.length === 0 ? (
        <Start onFiles={take} />
      ) : (
        <DropZone label={t.album} onFiles={take}>
          <Album onFiles={take} />
        </DropZone>
      )}
    </section>
  );
}
