import type { LibraryPerson, LibraryPhoto } from 'facenet-web/library';
import { useEffect, useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { openedLibrary } from '../../app/library.ts';
import { hrefOf } from '../../app/router.ts';
import { useSubject } from '../../app/subject.ts';
import { Button } from '../../ui/Button.tsx';
import { suggestions } from './album.ts';
import { hidePerson } from './corrections.ts';
import { FaceGrid } from './FaceGrid.tsx';
import { en, ko } from './messages.ts';
import { NameInput } from './NameInput.tsx';
import { Confirmation } from './People.tsx';
import { PhotoDialog } from './PhotoDialog.tsx';
import { PhotoPreview } from './PhotoPreview.tsx';
import { personLabel } from './person-label.ts';
import { Suggestion } from './Suggestion.tsx';

/** The number of photos to show at first, and to add with each click on "Show more". */
const pageSize = 24;

/** A person's page: the name, the faces and the photos. */
export function PersonPage({ person }: { person: LibraryPerson }) {
  const t = localized({ en, ko });
  const { number, hidden, name } = person;
  const label = personLabel(person, t);
  const faces = openedLibrary()?.facesOf(number) ?? [];
  const suggestion = suggestions.value.get(number);
  useSubject(label);
  return (
    <section class="person-page" aria-labelledby="person-title">
      <p>
        <a href={hrefOf('photos')}>← {t.backToAll}</a>
      </p>
      <h2 id="person-title">{t.personPage(label)}</h2>
      <div class="person-facts">
        <NameInput person={number} name={name} />
        <p class="small muted">{t.groupCount(person.faces, person.photos)}</p>
        <Confirmation person={person} />
      </div>
      {suggestion && <Suggestion suggestion={suggestion} />}
      <FaceGrid label={label} members={faces} />
      <Photos person={person} faces={faces} />
      <div class="actions">
        <Button kind="quiet" onClick={() => void hidePerson(number, !hidden, t)}>
          {hidden ? t.show : t.hide}
        </Button>
      </div>
    </section>
  );
}

function Photos({ person, faces }: { person: LibraryPerson; faces: readonly number[] }) {
  const t = localized({ en, ko });
  const [limit, setLimit] = useState(pageSize);
  const [photos, setPhotos] = useState<readonly LibraryPhoto[]>([]);
  const [opened, setOpened] = useState<{ photo: LibraryPhoto; face: number }>();
  const { number } = person;
  const key = `${number} ${faces.length} ${limit}`;
  useEffect(() => {
    let current = true;
    // The person may have been merged meanwhile.
    const reading = openedLibrary()
      ?.photosOf(number, { limit })
      .catch(() => undefined);
    void reading?.then((page) => current && page && setPhotos(page.items));
    return () => {
      current = false;
    };
  }, [key]);
  const more = Math.min(pageSize, person.photos - photos.length);
  return (
    <>
      <ul class="person-photos">
        {photos.map((photo) => (
          <li key={photo.id}>
            <button
              type="button"
              class="photo-open"
              aria-label={t.photoAlt(photo.path)}
              title={photo.path}
              onClick={() => setOpened({ photo, face: photo.faces.find((face) => faces.includes(face)) ?? 0 })}
            >
              <PhotoPreview photo={photo} />
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setLimit(limit + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
      {opened && <PhotoDialog {...opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
