import { batch, computed } from '@preact/signals';
import { loadedFaceNet } from '../../app/facenet.ts';
import { busy, grouping, qualityOf, undoStack } from './album.ts';
import { groupFaces } from './group-faces.ts';
import { type Grouping, merged, moved, renamed, splitOff } from './groups.ts';

/** The maximum number of edits that can be undone. */
const maxUndo = 50;

/** Whether there is an edit to undo. */
export const canUndo = computed(() => undoStack.value.length > 0);

/** Merges groups. @returns whether anything changed. */
export function mergeGroups(ids: readonly number[]): boolean {
  return apply(merged(grouping.peek(), ids));
}

/** Moves faces into a new group. @returns whether anything changed. */
export function splitFaces(members: readonly number[]): boolean {
  return apply(splitOff(grouping.peek(), members, qualityOf));
}

/** Moves faces into an existing group. @returns whether anything changed. */
export function moveFaces(members: readonly number[], into: number): boolean {
  return apply(moved(grouping.peek(), members, into, qualityOf));
}

/** Renames a group. Cannot be undone with {@link undo}. */
export function renameGroup(id: number, name: string): void {
  grouping.value = renamed(grouping.peek(), id, name.trim());
}

/** Undoes the last merge, split or move. @returns whether anything changed. */
export function undo(): boolean {
  const before = undoStack.peek().at(-1);
  if (!before) return false;
  batch(() => {
    undoStack.value = undoStack.peek().slice(0, -1);
    grouping.value = before;
  });
  // Add the faces that were found after the edit. A busy queue does so at its next grouping.
  if (!busy.peek()) void loadedFaceNet().then((facenet) => groupFaces(facenet, 'extend'));
  return true;
}

function apply(next: Grouping): boolean {
  const before = grouping.peek();
  if (next === before) return false;
  batch(() => {
    undoStack.value = [...undoStack.peek(), before].slice(-maxUndo);
    grouping.value = next;
  });
  return true;
}
