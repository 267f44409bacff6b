import { toast } from '../../app/toasts.tsx';
import { grouping } from './album.ts';
import { mergeGroups, moveFaces, splitFaces, undo } from './edits.ts';
import { groupLabel, type PhotosMessages } from './group-label.ts';
import { clearSelection, selectedFaces, selectedGroups } from './selection.ts';

/** Merges the selected people and reports it with an undo button. */
export function mergeSelected(t: PhotosMessages): void {
  const selected = grouping.peek().groups.filter(({ id }) => selectedGroups.peek().has(id));
  const [first] = selected;
  if (!first || !mergeGroups(selected.map(({ id }) => id))) return;
  const named = selected.find(({ name }) => name) ?? first;
  reportEdit(t.merged(groupLabel(named, t)), first.id, t);
}

/** Makes the selected faces a new person and reports it with an undo button. */
export function splitSelected(t: PhotosMessages): void {
  const faces = [...selectedFaces.peek()];
  const { nextId } = grouping.peek();
  if (faces.length > 0 && splitFaces(faces)) reportEdit(t.splitDone(faces.length), nextId, t);
}

/** Moves the selected faces to a person and reports it with an undo button. */
export function moveSelected(into: number, t: PhotosMessages): void {
  const target = grouping.peek().groups.find(({ id }) => id === into);
  if (target && moveFaces([...selectedFaces.peek()], into)) reportEdit(t.movedTo(groupLabel(target, t)), into, t);
}

/** Undoes the last edit and reports it. */
export function undoLast(t: PhotosMessages): void {
  if (!undo()) return;
  toast(t.undone);
  restoreFocus();
}

function reportEdit(text: string, group: number, t: PhotosMessages): void {
  clearSelection();
  toast(text, { label: t.undo, run: () => undoLast(t) });
  restoreFocus(`[data-group="${group}"] input`);
}

/** Focuses the matching element or the album: an edit may remove the element that had the focus. */
function restoreFocus(selector = ''): void {
  requestAnimationFrame(() => {
    const target = selector ? document.querySelector<HTMLElement>(selector) : null;
    (target ?? document.querySelector<HTMLElement>('.album'))?.focus();
  });
}
