import type { Translation } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { grouping, mergeGroups, moveFaces, splitFaces, undo } from './album.ts';
import type { Group } from './groups.ts';
import type { en } from './messages.ts';
import { clearSelection, selectedFaces, selectedGroups } from './selection.ts';

type Messages = Translation<typeof en>;

/** What a group is called: its name, or a number. */
export function groupLabel({ name, id }: Pick<Group, 'name' | 'id'>, t: Messages): string {
  return name || t.person(id);
}

/** Merges the selected people, and says so, with a way back. */
export function mergeSelected(t: Messages): void {
  const chosen = grouping.peek().groups.filter(({ id }) => selectedGroups.peek().has(id));
  const [first] = chosen;
  if (!first || !mergeGroups(chosen.map(({ id }) => id))) return;
  const named = chosen.find(({ name }) => name) ?? first;
  changed(t.merged(groupLabel(named, t)), first.id, t);
}

/** Makes the selected faces a person of their own. */
export function splitSelected(t: Messages): void {
  const faces = [...selectedFaces.peek()];
  const { nextId } = grouping.peek();
  if (faces.length > 0 && splitFaces(faces)) changed(t.splitDone(faces.length), nextId, t);
}

/** Moves the selected faces to a person. */
export function moveSelected(into: number, t: Messages): void {
  const target = grouping.peek().groups.find(({ id }) => id === into);
  if (target && moveFaces([...selectedFaces.peek()], into)) changed(t.movedTo(groupLabel(target, t)), into, t);
}

/** Takes the last change by hand back. */
export function undoLast(t: Messages): void {
  if (!undo()) return;
  toast(t.undone);
  keepFocus();
}

function changed(text: string, group: number, t: Messages): void {
  clearSelection();
  toast(text, { label: t.undo, run: () => undoLast(t) });
  keepFocus(`[data-group="${group}"] input`);
}

/** What had the focus may be gone after a change: the focus goes to what came of it, or else stays inside the album. */
function keepFocus(selector = ''): void {
  requestAnimationFrame(() => {
    const made = selector ? document.querySelector<HTMLElement>(selector) : null;
    (made ?? document.querySelector<HTMLElement>('.album'))?.focus();
  });
}
