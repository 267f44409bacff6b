import { useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { people as galleryPeople, galleryState } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { faces, phase } from './album.ts';
import { renameGroup } from './edits.ts';
import { FaceGrid } from './FaceGrid.tsx';
import { groupLabel } from './group-label.ts';
import type { Group } from './groups.ts';
import { en, ko } from './messages.ts';
import { saveToGallery } from './save-to-gallery.ts';
import { selectedGroups, toggleGroup } from './selection.ts';

/** The number of people to show at first, and to add with each click on "Show more". */
const pageSize = 24;

/** The number of faces to preview in a closed card, in addition to the cover. */
const previewCount = 5;

/** The people in the photos, those with the most faces first. */
export function People({ groups }: { groups: readonly Group[] }) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  const more = Math.min(pageSize, groups.length - shown);
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">{t.people}</h2>
      <p class="small muted">{groups.length > 0 ? t.peopleHelp : phase.value === 'done' && t.noPeople}</p>
      {groups.length === 0 && phase.value !== 'done' && <Skeletons />}
      <ul class="people-list">
        {groups.slice(0, shown).map((group) => (
          <PersonCard key={group.id} group={group} />
        ))}
      </ul>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setShown(shown + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
    </section>
  );
}

function Skeletons() {
  return (
    <ul class="people-list" aria-hidden="true">
      {[1, 2, 3].map((i) => (
        <li key={i} class="person-card skeleton" />
      ))}
    </ul>
  );
}

function PersonCard({ group }: { group: Group }) {
  const t = localized({ en, ko });
  const [open, setOpen] = useState(false);
  const { id, name, members, cover } = group;
  const label = groupLabel(group, t);
  const inPhotos = new Set(members.map((face) => faces.value[face]?.photo)).size;
  const selected = selectedGroups.value.has(id);
  const known = name !== '' && galleryPeople.value.some((person) => person.name === name);
  const others = members.filter((face) => face !== cover).slice(0, previewCount);
  return (
    <li class="person-card" data-group={id} data-open={open || undefined} data-selected={selected || undefined}>
      <div class="person-head">
        <label class="person-select">
          <input type="checkbox" checked={selected} onChange={() => toggleGroup(id)} aria-label={t.select(label)} />
          <FaceCrop crop={faces.value[cover]?.crop} label="" />
        </label>
        <div class="person-facts">
          <input
            type="text"
            class="person-name"
            aria-label={t.name(t.person(id))}
            placeholder={t.namePlaceholder}
            maxLength={60}
            autoComplete="off"
            value={name}
            onChange={({ currentTarget }) => renameGroup(id, currentTarget.value)}
            onKeyDown={({ key, currentTarget }) => {
              if (key === 'Enter') currentTarget.blur();
            }}
          />
          <p class="small muted">{t.groupCount(members.length, inPhotos)}</p>
        </div>
      </div>
      {!open && others.length > 0 && (
        <div class="person-preview" aria-hidden="true">
          {others.map((face) => (
            <FaceCrop key={face} crop={faces.value[face]?.crop} label="" />
          ))}
        </div>
      )}
      {open && <FaceGrid label={label} members={members} />}
      <div class="person-actions">
        <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t.close : t.open}
          <span class="visually-hidden"> {label}</span>
        </Button>
        {name && <SaveButton id={id} name={name} known={known} />}
      </div>
    </li>
  );
}

function SaveButton({ id, name, known }: { id: number; name: string; known: boolean }) {
  const t = localized({ en, ko });
  const state = galleryState.value;
  const [saving, setSaving] = useState(false);
  const save = async () => {
    if (state.status !== 'open') return;
    setSaving(true);
    try {
      const added = await saveToGallery(state.gallery, id);
      toast(added > 0 ? t.saved(name, added) : t.notSaved(name));
    } catch (error) {
      toast(`${t.saveFailed} ${errorMessage(error)}`);
    }
    setSaving(false);
  };
  if (known) return <p class="small muted known">✓ {t.known}</p>;
  return (
    <Button disabled={saving || state.status !== 'open'} onClick={() => void save()}>
      {t.save}
      <span class="visually-hidden"> {name}</span>
    </Button>
  );
}
