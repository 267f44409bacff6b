import type { LibraryPerson } from 'facenet-web/library';
import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { hiddenPeople, suggestions, ungrouped } from './album.ts';
import { hidePerson } from './corrections.ts';
import { FaceGrid } from './FaceGrid.tsx';
import { LibraryCrop } from './LibraryCrop.tsx';
import { en, ko } from './messages.ts';
import { NameInput } from './NameInput.tsx';
import { personLabel } from './person-label.ts';
import { Suggestion } from './Suggestion.tsx';
import { selectedFaces, toggleFace } from './selection.ts';

/** The number of faces to show at first, and to add with each click on "Show more". */
const pageSize = 24;

/** People who appear once. They can be named at once, or selected to group them. */
export function SingleFaces({ people }: { people: readonly LibraryPerson[] }) {
  const t = localized({ en, ko });
  const [shown, setShown] = useState(pageSize);
  if (people.length === 0) return null;
  const more = Math.min(pageSize, people.length - shown);
  return (
    <section class="single" aria-labelledby="single-title">
      <h2 id="single-title">{t.single}</h2>
      <p class="small muted">{t.singleText}</p>
      <ul class="single-list" aria-label={t.single}>
        {people.slice(0, shown).map(({ number, name, cover }) => {
          const suggestion = suggestions.value.get(number);
          return (
            <li key={number} data-person={number}>
              <button
                type="button"
                class="face-pick"
                aria-pressed={selectedFaces.value.has(cover)}
                aria-label={t.face(cover + 1)}
                onClick={() => toggleFace(cover)}
              >
                <LibraryCrop face={cover} />
              </button>
              <NameInput person={number} name={name} />
              {suggestion && <Suggestion suggestion={suggestion} />}
            </li>
          );
        })}
      </ul>
      {more > 0 && (
        <Button kind="quiet" onClick={() => setShown(shown + pageSize)}>
          {t.showMore(more)}
        </Button>
      )}
    </section>
  );
}

/** Faces that are of nobody: of low quality, or said to be no faces. */
export function LowQualityFaces() {
  const t = localized({ en, ko });
  if (ungrouped.value.length === 0) return null;
  return (
    <section class="low-quality" aria-labelledby="low-quality-title">
      <h2 id="low-quality-title">{t.lowQuality}</h2>
      <p class="small muted">{t.lowQualityText}</p>
      <FaceGrid label={t.lowQuality} members={ungrouped.value} />
    </section>
  );
}

/** The people that the user has hidden. */
export function HiddenPeople() {
  const t = localized({ en, ko });
  if (hiddenPeople.value.length === 0) return null;
  return (
    <details class="hidden-people">
      <summary>
        <h2>{t.hiddenPeople}</h2> <span class="figure muted">{hiddenPeople.value.length}</span>
      </summary>
      <ul class="single-list">
        {hiddenPeople.value.map((person) => (
          <li key={person.number}>
            <LibraryCrop face={person.cover} />
            <p class="small">{personLabel(person, t)}</p>
            <Button kind="quiet" onClick={() => void hidePerson(person.number, false, t)}>
              {t.show}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
