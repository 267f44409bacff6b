import type { Translation } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { grouping, mergeGroups, moveFaces, splitFaces, undo } from './album.ts';
import type { Group } from './groups.ts';
import type { en } from './messages.ts';
import { selectedFaces, selectedGroups, selectNothing } from './selection.ts';

type Messages = Translation<typeof en>;

/** What a group is called: its name, or a number. */
export function labelOf({ name, id }: Pick<Group, 'name' | 'id'>, t: Messages): string {
  return name || t.person(id);
}

/** Merges the selected people, and says so, with a way back. */
export function mergeSelected(t: Messages): void {
  const chosen = grouping.peek().groups.filter(({ id }) => selectedGroups.peek().has(id));
  const [first] = chosen;
  if (!first || !mergeGroups(chosen.map(({ id }) => id))) return;
  const named = chosen.find(({ name }) => name) ?? first;
  changed(t.merged(labelOf(named, t)), t);
}

/** Makes the selected faces a person of their own. */
export function splitSelected(t: Messages): void {
  const faces = [...selectedFaces.peek()];
  if (faces.length > 0 && splitFaces(faces)) changed(t.splitDone(faces.length), t);
}

/** Moves the selected faces to a person. */
export function moveSelected(into: number, t: Messages): void {
  const target = grouping.peek().groups.find(({ id }) => id === into);
  if (target && moveFaces([...selectedFaces.peek()], into)) changed(t.movedTo(labelOf(target, t)), t);
}

function changed(text: string, t: Messages): void {
  selectNothing();
  toast(text, { label: t.undo, run: () => void undo() });
}
