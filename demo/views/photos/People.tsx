import type { LibraryPerson } from 'facenet-web/library';
import { useState } from 'preact/hooks';
import { people as galleryPeople } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { hrefOf } from '../../app/router.ts';
import { Button } from '../../ui/Button.tsx';
import { phase, suggestions } from './album.ts';
import { confirmPerson, hidePerson } from './corrections.ts';
import { LibraryCrop } from './LibraryCrop.tsx';
import { en, ko } from './messages.ts';
import { NameInput } from './NameInput.tsx';
import { personLabel } from './person-label.ts';
import { SaveButton } from './SaveButton.tsx';
import { Suggestion } from './Suggestion.tsx';
import { selectedPeople, togglePerson } from './selection.ts';

/** The number of people to show at first, and to add with each click on "Show more". */
const pageSize = 24;

/** The people in the photos, those with the most faces first. */
export function People({ people }: { people: readonly LibraryPerson[] }) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  const more = Math.min(pageSize, people.length - shown);
  const help = isTouch ? t.peopleHelpTouch : t.peopleHelp;
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">{t.people}</h2>
      <p class="small muted">{people.length > 0 ? help : phase.value === 'done' && t.noPeople}</p>
      {people.length === 0 && phase.value !== 'done' && <Skeletons />}
      <ul class="people-list">
        {people.slice(0, shown).map((person) => (
          <PersonCard key={person.number} person={person} />
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

function PersonCard({ person }: { person: LibraryPerson }) {
  const t = localized({ en, ko });
  const { number, name, cover, faces, photos } = person;
  const label = personLabel(person, t);
  const selected = selectedPeople.value.has(number);
  const known = name !== '' && galleryPeople.value.some((other) => other.name === name);
  const suggestion = suggestions.value.get(number);
  return (
    <li class="person-card" data-person={number} data-selected={selected || undefined}>
      <div class="person-head">
        <label class="person-select">
          <input
            type="checkbox"
            checked={selected}
            onChange={() => togglePerson(number)}
            aria-label={t.select(label)}
          />
          <LibraryCrop face={cover} />
        </label>
        <div class="person-facts">
          <NameInput person={number} name={name} />
          <p class="small muted">{t.groupCount(faces, photos)}</p>
          <Confirmation person={person} />
        </div>
      </div>
      {suggestion && <Suggestion suggestion={suggestion} />}
      <div class="person-actions">
        <a class="button plain" href={hrefOf('photos', { person: String(number) })}>
          {t.open}
          <span class="visually-hidden"> {label}</span>
        </a>
        {name && <SaveButton person={number} name={name} known={known} />}
        <Button kind="quiet" onClick={() => void hidePerson(number, true, t)}>
          {t.hide}
          <span class="visually-hidden"> {label}</span>
        </Button>
      </div>
    </li>
  );
}

/** ✓ if the user named the person of all these faces; otherwise, if some were added since, a button to confirm them. */
export function Confirmation({ person }: { person: LibraryPerson }) {
  const t = localized({ en, ko });
  const { number, name, faces, confirmed } = person;
  if (!name) return null;
  if (confirmed === faces) return <p class="small muted">✓ {t.confirmedMark}</p>;
  return (
    <p class="small muted">
      {t.unconfirmed(faces - confirmed)}{' '}
      <button type="button" class="link" onClick={() => void confirmPerson(number, t)}>
        {t.confirm}
      </button>
    </p>
  );
}
