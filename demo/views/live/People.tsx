import type { Gallery, Person } from 'facenet-web/gallery';
import { useEffect, useState } from 'preact/hooks';
import { confirmDialog, promptDialog } from '../../app/dialogs.tsx';
import { percentage } from '../../app/format.ts';
import { inLanguage } from '../../app/language.ts';
import { galleryState, people, refreshPeople } from '../../app/people.ts';
import { sentenceOf } from '../../app/sentence.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceChip } from '../../ui/FaceChip.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { type InView, inView } from './faces.ts';
import { en, ko } from './messages.ts';

/** Who is in view just now, and with what probability it is they. */
export function InViewList() {
  const t = inLanguage({ en, ko });
  const faces = inView.value;
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
              caption={face.identity.status === 'known' ? percentage(face.identity.probability) : undefined}
              embedding={face.embedding}
            />
          </li>
        ))}
      </ul>
      <p class="unseen" role="status">
        {[...new Set(faces.filter(({ identity }) => identity.status !== 'undecided').map(nameOf))].join(', ')}
      </p>
    </section>
  );
}

function nameOf({ identity }: InView): string {
  const t = inLanguage({ en, ko });
  if (identity.status === 'known') return identity.person.name;
  return identity.status === 'unknown' ? t.unknown : t.looking;
}

/** Everybody who was given a name, with what can be done about it. */
export function PeopleList() {
  const t = inLanguage({ en, ko });
  const state = galleryState.value;
  const everybody = people.value;
  if (state.status !== 'open') return null;
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">{t.people}</h2>
      {!state.kept && <p class="notice small">{state.why?.code === 'storage-full' ? t.storageFull : t.notKept}</p>}
      {everybody.length === 0 && <p class="muted">{t.nobodyYet}</p>}
      <ul>
        {everybody.map((person) => (
          <li key={person.id}>
            <PersonChip person={person} gallery={state.gallery} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PersonChip({ person, gallery }: { person: Person; gallery: Gallery }) {
  const t = inLanguage({ en, ko });
  const { id, name, templates } = person;
  const crop = useCrop(gallery, templates.find(({ hasCrop }) => hasCrop)?.id);
  const rename = async () => {
    const input = { label: t.name, value: name };
    const next = await promptDialog({ title: t.renameTitle(name), text: t.renameText, yes: t.rename, input });
    if (next) await change(gallery.rename(id, next));
  };
  const remove = async () => {
    const asked = { title: t.removeTitle(name), text: t.removeText, yes: t.remove, danger: true };
    if (await confirmDialog(asked)) await change(gallery.remove(id));
  };
  return (
    <FaceChip crop={crop} name={name} caption={t.templates(templates.length)}>
      <div class="tools">
        <Button kind="quiet" aria-label={t.renameTitle(name)} onClick={() => void rename()}>
          <Icon name="rename" />
        </Button>
        <Button kind="quiet" aria-label={t.removeTitle(name)} onClick={() => void remove()}>
          <Icon name="remove" />
        </Button>
      </div>
    </FaceChip>
  );
}

/** Waits for a change of the gallery, tells if it failed, and shows the people as they are then. */
async function change(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => toast(sentenceOf(error)));
  await refreshPeople();
}

/** The kept crop of a template, as soon as it was read. */
function useCrop(gallery: Gallery, template: string | undefined): Blob | undefined {
  const [crop, setCrop] = useState<Blob>();
  useEffect(() => {
    if (!template) return;
    const controller = new AbortController();
    gallery.crop(template, { signal: controller.signal }).then(setCrop, () => {});
    return () => controller.abort();
  }, [gallery, template]);
  return crop;
}
