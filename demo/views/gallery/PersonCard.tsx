import type { EnrolledFace, Gallery, Person } from 'facenet-web/gallery';
import { useEffect, useState } from 'preact/hooks';
import { confirmDialog } from '../../app/dialogs.tsx';
import { formatDate, formatShare } from '../../app/format.ts';
import { applyChange } from '../../app/gallery-change.ts';
import { localized } from '../../app/language.ts';
import { PersonTools } from '../../app/PersonTools.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { en, ko } from './messages.ts';

/** The question before a picture is deleted. */
const question = {
  en: { title: 'Delete this picture?', text: 'You cannot undo this.', confirmLabel: 'Delete' },
  ko: { title: '이 사진을 삭제할까요?', text: '되돌릴 수 없습니다.', confirmLabel: '삭제' },
};

interface PersonCardProps {
  person: Person;
  gallery: Gallery;
}

/** A remembered person with all pictures, and buttons to rename and delete. */
export function PersonCard({ person, gallery }: PersonCardProps) {
  const t = localized({ en, ko });
  const { id, name, faces } = person;
  const removePicture = async (face: string) => {
    if (await confirmDialog({ ...localized(question), danger: true })) await applyChange(gallery.remove(id, face));
  };
  return (
    <article class="person-card" aria-label={name}>
      <PersonHeader person={person} gallery={gallery} />
      <ul class="pictures">
        {faces.map((face, i) => (
          <li key={face.id}>
            <Picture face={face} gallery={gallery} label={t.picture(i + 1)} />
            {faces.length > 1 && (
              <Button
                kind="quiet"
                aria-label={`${t.removePicture}: ${name}, ${t.picture(i + 1)}`}
                title={t.removePicture}
                onClick={() => void removePicture(face.id)}
              >
                <Icon name="close" />
              </Button>
            )}
          </li>
        ))}
      </ul>
    </article>
  );
}

/** The name, the consent, and the buttons that rename and delete the person. */
function PersonHeader({ person, gallery }: PersonCardProps) {
  const t = localized({ en, ko });
  const { name, faces, consent } = person;
  return (
    <header>
      <h2>{name}</h2>
      <p class="small muted">{t.pictures(faces.length)}</p>
      {consent && (
        <p class="small muted" title={consent.text}>
          {t.consentOf(formatDate(consent.at), consent.purpose)}
        </p>
      )}
      <PersonTools person={person} gallery={gallery} />
    </header>
  );
}

function Picture({ face, gallery, label }: { face: EnrolledFace; gallery: Gallery; label: string }) {
  const t = localized({ en, ko });
  const [crop, setCrop] = useState<Blob>();
  const { id, hasCrop, quality } = face;
  useEffect(() => {
    if (!hasCrop) return;
    const controller = new AbortController();
    gallery.crop(id, { signal: controller.signal }).then(setCrop, () => {});
    return () => controller.abort();
  }, [gallery, id, hasCrop]);
  const text = quality === undefined ? label : `${label}, ${t.quality(formatShare(quality))}`;
  return (
    <div title={text}>
      <FaceCrop crop={crop} label={text} />
    </div>
  );
}
