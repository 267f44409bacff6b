import { batch, signal } from '@preact/signals';

/** The ids of the selected people. */
export const selectedGroups = signal<ReadonlySet<number>>(new Set());

/** The indices of the selected faces. */
export const selectedFaces = signal<ReadonlySet<number>>(new Set());

/** Selects or deselects a person. */
export function toggleGroup(id: number): void {
  selectedGroups.value = toggled(selectedGroups.peek(), id);
}

/** Selects or deselects a face. */
export function toggleFace(face: number): void {
  selectedFaces.value = toggled(selectedFaces.peek(), face);
}

/** Deselects all people and faces. */
export function clearSelection(): void {
  batch(() => {
    selectedGroups.value = new Set();
    selectedFaces.value = new Set();
  });
}

function toggled(set: ReadonlySet<number>, item: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
