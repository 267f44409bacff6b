import type { EnrolledFace, Gallery, Person } from 'facenet-web/gallery';
import { useEffect, useState } from 'preact/hooks';
import { confirmDialog, promptDialog } from '../../app/dialogs.tsx';
import { formatDate, formatShare } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { applyChange } from './changes.ts';
import { en, ko } from './messages.ts';

interface PersonCardProps {
  person: Person;
  gallery: Gallery;
}

/** A remembered person with all pictures, and buttons to rename and delete. */
export function PersonCard({ person, gallery }: PersonCardProps) {
  const t = localized({ en, ko });
  const { id, name, faces } = person;
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
                onClick={() => void applyChange(gallery.remove(id, face.id))}
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
  const { id, name, faces, consent } = person;
  const rename = async () => {
    const input = { label: t.name, value: name };
    const next = await promptDialog({ title: t.renameTitle(name), text: t.renameText, confirmLabel: t.rename, input });
    if (!next || next === name) return;
    if (!(await applyChange(gallery.rename(id, next)))) return;
    toast(t.renamed(next), { label: t.undo, run: () => void applyChange(gallery.rename(id, name)) });
  };
  const remove = async () => {
    const question = { title: t.removeTitle(name), text: t.removeText, confirmLabel: t.remove, danger: true };
    if ((await confirmDialog(question)) && (await applyChange(gallery.remove(id)))) toast(t.removed(name));
  };
  return (
    <header>
      <h2>{name}</h2>
      <p class="small muted">{t.pictures(faces.length)}</p>
      {consent && (
        <p class="small muted" title={consent.text}>
          {t.consentOf(formatDate(consent.at), consent.purpose)}
        </p>
      )}
      <div class="tools">
        <Button kind="quiet" aria-label={t.renameTitle(name)} title={t.rename} onClick={() => void rename()}>
          <Icon name="rename" />
        </Button>
        <Button kind="quiet" aria-label={t.removeTitle(name)} title={t.remove} onClick={() => void remove()}>
          <Icon name="remove" />
        </Button>
      </div>
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
