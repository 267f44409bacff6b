import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { canUndo, faces, grouping, photos } from './album.ts';
import { en, ko } from './messages.ts';
import { PhotoDialog } from './PhotoDialog.tsx';
import { clearSelection, selectedFaces, selectedGroups } from './selection.ts';
import { groupLabel, mergeSelected, moveSelected, splitSelected, undoLast } from './selection-actions.ts';

/** What can be done with what is selected; it stays in view while something is. */
export function SelectionBar() {
  const t = localized({ en, ko });
  const [looking, setLooking] = useState<number>();
  const [people, chosen] = [selectedGroups.value.size, selectedFaces.value.size];
  const [first] = selectedFaces.value;
  const face = looking === undefined ? undefined : faces.value[looking];
  const photo = face && photos.value[face.photo];
  return (
    <>
      <aside class="selection-bar" aria-label={t.selection} hidden={people + chosen === 0 && !canUndo.value}>
        <p role="status" class="small">
          {people > 0 && t.selectedGroups(people)}
          {people > 0 && chosen > 0 && ' · '}
          {chosen > 0 && t.selectedFaces(chosen)}
        </p>
        <div class="actions">
          {people > 1 && (
            <Button kind="primary" aria-keyshortcuts="M" onClick={() => mergeSelected(t)}>
              {t.merge}
            </Button>
          )}
          {chosen > 0 && (
            <>
              <Button kind="primary" aria-keyshortcuts="S" onClick={() => splitSelected(t)}>
                {t.split}
              </Button>
              <select
                class="button"
                aria-label={t.moveTo}
                value=""
                onChange={({ currentTarget }) => moveSelected(Number(currentTarget.value), t)}
              >
                <option value="" disabled>
                  {t.moveTo}
                </option>
                {grouping.value.groups
                  .filter(({ members, name }) => members.length > 1 || name)
                  .map((group) => (
                    <option key={group.id} value={group.id}>
                      {groupLabel(group, t)}
                    </option>
                  ))}
              </select>
            </>
          )}
          {chosen === 1 && <Button onClick={() => setLooking(first)}>{t.showPhoto}</Button>}
          {people + chosen > 0 && (
            <Button kind="quiet" onClick={clearSelection}>
              {t.selectNone}
            </Button>
          )}
          {canUndo.value && (
            <Button kind="quiet" aria-keyshortcuts="Z" onClick={() => undoLast(t)}>
              {t.undo}
            </Button>
          )}
        </div>
      </aside>
      {face && photo && <PhotoDialog photo={photo} face={face} onClose={() => setLooking(undefined)} />}
    </>
  );
}
