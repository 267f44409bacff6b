import type { Gallery, Person } from 'facenet-web/gallery';
import { useEffect, useState } from 'preact/hooks';
import { formatProbability } from '../../app/format.ts';
import { galleryState, people } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { PersonTools } from '../../app/PersonTools.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceChip } from '../../ui/FaceChip.tsx';
import { type FaceInView, facesInView } from './faces-in-view.ts';
import { chooseFace, chosenFace } from './live-options.ts';
import { en, ko } from './messages.ts';

/** The people in the video, with the probability of each match. */
export function FacesInView() {
  const t = localized({ en, ko });
  const faces = facesInView.value;
  return (
    <section class="in-view" aria-labelledby="in-view-title">
      <h2 id="in-view-title">{t.inView}</h2>
      {faces.length === 0 && <p class="muted">{t.nobodyInView}</p>}
      <ul>
        {faces.map((face) => (
          <li key={face.id}>
            <FaceChip
              crop={face.picture}
              name={nameOf(face)}
              caption={face.identity.status === 'known' ? formatProbability(face.identity.probability) : undefined}
              embedding={face.embedding}
            >
              {faces.length > 1 && (
                <Button aria-pressed={face.id === chosenFace.value?.id} onClick={() => chooseFace(face.id)}>
                  {t.select}
                </Button>
              )}
            </FaceChip>
          </li>
        ))}
      </ul>
      <p class="visually-hidden" role="status">
        {[...new Set(faces.filter(({ identity }) => identity.status !== 'undecided').map(nameOf))].join(', ')}
      </p>
    </section>
  );
}

function nameOf({ identity }: FaceInView): string {
  const t = localized({ en, ko });
  if (identity.status === 'known') return identity.person.name;
  return identity.status === 'unknown' ? t.unknown : t.identifying;
}

/** The people in the gallery, with buttons to rename and remove them. */
export function PeopleList() {
  const t = localized({ en, ko });
  const state = galleryState.value;
  const everyone = people.value;
  if (!('gallery' in state) || state.status === 'locked') return null;
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">{t.people}</h2>
      {state.storageError && (
        <p class="notice small">{state.storageError.code === 'storage-full' ? t.storageFull : t.notStored}</p>
      )}
      {everyone.length === 0 && <p class="muted">{t.nobodyYet}</p>}
      <ul>
        {everyone.map((person) => (
          <li key={person.id}>
            <PersonChip person={person} gallery={state.gallery} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PersonChip({ person, gallery }: { person: Person; gallery: Gallery }) {
  const t = localized({ en, ko });
  const { name, faces } = person;
  const crop = useCrop(gallery, faces.find(({ hasCrop }) => hasCrop)?.id);
  return (
    <FaceChip crop={crop} name={name} caption={t.pictures(faces.length)}>
      <PersonTools person={person} gallery={gallery} />
    </FaceChip>
  );
}

/** The stored crop of an enrolled face. Undefined while it loads and if there is none. */
function useCrop(gallery: Gallery, face: string | undefined): Blob | undefined {
  const [crop, setCrop] = useState<Blob>();
  useEffect(() => {
    if (!face) return;
    const controller = new AbortController();
    gallery.crop(face, { signal: controller.signal }).then(setCrop, () => {});
    return () => controller.abort();
  }, [gallery, face]);
  return crop;
}
