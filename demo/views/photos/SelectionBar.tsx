import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { faces, grouping, photos } from './album.ts';
import { canUndo } from './edits.ts';
import { groupLabel } from './group-label.ts';
import { en, ko } from './messages.ts';
import { PhotoDialog } from './PhotoDialog.tsx';
import { clearSelection, selectedFaces, selectedGroups } from './selection.ts';
import { mergeSelected, moveSelected, splitSelected, undoLast } from './selection-actions.ts';

/** Actions for the selected people and faces. Visible while something is selected or can be undone. */
export function SelectionBar() {
  const t = localized({ en, ko });
  const [opened, setOpened] = useState<number>();
  const [peopleCount, faceCount] = [selectedGroups.value.size, selectedFaces.value.size];
  const [first] = selectedFaces.value;
  const face = opened === undefined ? undefined : faces.value[opened];
  const photo = face && photos.value[face.photo];
  return (
    <>
      <aside class="selection-bar" aria-label={t.selection} hidden={peopleCount + faceCount === 0 && !canUndo.value}>
        <p role="status" class="small">
          {peopleCount > 0 && t.selectedGroups(peopleCount)}
          {peopleCount > 0 && faceCount > 0 && ' · '}
          {faceCount > 0 && t.selectedFaces(faceCount)}
        </p>
        <div class="actions">
          {peopleCount > 1 && (
            <Button kind="primary" aria-keyshortcuts="M" onClick={() => mergeSelected(t)}>
              {t.merge}
            </Button>
          )}
          {faceCount > 0 && (
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
          {faceCount === 1 && <Button onClick={() => setOpened(first)}>{t.showPhoto}</Button>}
          {peopleCount + faceCount > 0 && (
            <Button kind="quiet" onClick={clearSelection}>
              {t.clearSelection}
            </Button>
          )}
          {canUndo.value && (
            <Button kind="quiet" aria-keyshortcuts="Z" onClick={() => undoLast(t)}>
              {t.undo}
            </Button>
          )}
        </div>
      </aside>
      {face && photo && <PhotoDialog photo={photo} face={face} onClose={() => setOpened(undefined)} />}
    </>
  );
}
