import type { LibraryPhoto } from 'facenet-web/library';
import { useEffect, useRef, useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { openedLibrary } from '../../app/library.ts';
import { Button } from '../../ui/Button.tsx';
import { people } from './album.ts';
import { coverSelected, mergeSelected, moveSelected, rejectSelected, splitSelected } from './corrections.ts';
import { en, ko } from './messages.ts';
import { PhotoDialog } from './PhotoDialog.tsx';
import { personLabel } from './person-label.ts';
import { clearSelection, selectedFaces, selectedPeople } from './selection.ts';

/** Actions for the selected people and faces. @param props `opened`: the person whose page is shown. */
export function SelectionBar({ opened }: { opened: number | undefined }) {
  const t = localized({ en, ko });
  const bar = useRef<HTMLElement>(null);
  useEffect(() => reserveSpace(bar.current), []);
  const [shown, setShown] = useState<{ photo: LibraryPhoto; face: number }>();
  const [peopleCount, faceCount] = [selectedPeople.value.size, selectedFaces.value.size];
  const [first] = selectedFaces.value;
  const showPhoto = async () => {
    const library = openedLibrary();
    if (!library || first === undefined) return;
    const [face] = await library.faces([first]);
    if (face) setShown({ photo: await library.photo(face.photo), face: first });
  };
  return (
    <>
      <aside ref={bar} class="selection-bar" aria-label={t.selection} hidden={peopleCount + faceCount === 0}>
        <p role="status" class="small">
          {peopleCount > 0 && t.selectedGroups(peopleCount)}
          {peopleCount > 0 && faceCount > 0 && ' · '}
          {faceCount > 0 && t.selectedFaces(faceCount)}
        </p>
        <div class="actions">
          {peopleCount > 1 && (
            <Button kind="primary" aria-keyshortcuts="M" onClick={() => void mergeSelected(t)}>
              {t.merge}
            </Button>
          )}
          {faceCount > 0 && <FaceActions />}
          {faceCount === 1 && <Button onClick={() => void showPhoto()}>{t.showPhoto}</Button>}
          {faceCount === 1 && opened !== undefined && (
            <Button onClick={() => void coverSelected(opened, t)}>{t.cover}</Button>
          )}
          <Button kind="quiet" onClick={clearSelection}>
            {t.clearSelection}
          </Button>
        </div>
      </aside>
      {shown && <PhotoDialog {...shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

/**
 * Keeps `--bar` at the height of the bar with a gap while it is shown, so that messages appear above it and the page can be scrolled to
 * its end. @returns ends it.
 */
function reserveSpace(bar: HTMLElement | null): (() => void) | undefined {
  if (!bar) return;
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => {
    const { offsetHeight } = bar;
    style.setProperty('--bar', offsetHeight > 0 ? `calc(${offsetHeight}px + var(--space-2))` : '0px');
  });
  observer.observe(bar);
  return () => {
    observer.disconnect();
    style.removeProperty('--bar');
  };
}

/** Actions for the selected faces. */
function FaceActions() {
  const t = localized({ en, ko });
  const targets = people.value.filter(({ faces, name }) => faces > 1 || name);
  return (
    <>
      <Button kind="primary" aria-keyshortcuts="S" onClick={() => void splitSelected(t)}>
        {t.split}
      </Button>
      <select
        class="button"
        aria-label={t.moveTo}
        value=""
        onChange={({ currentTarget }) => void moveSelected(Number(currentTarget.value), t)}
      >
        <option value="" disabled>
          {t.moveTo}
        </option>
        {targets.map((person) => (
          <option key={person.number} value={person.number}>
            {personLabel(person, t)}
          </option>
        ))}
      </select>
      <Button onClick={() => void rejectSelected(t)}>{t.notAFace}</Button>
    </>
  );
}
