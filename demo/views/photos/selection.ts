import { batch, signal } from '@preact/signals';

/** The people that are selected, by id. */
export const selectedGroups = signal<ReadonlySet<number>>(new Set());
/** The faces that are selected, by number. */
export const selectedFaces = signal<ReadonlySet<number>>(new Set());

export function toggleGroup(id: number): void {
  selectedGroups.value = toggled(selectedGroups.peek(), id);
}

export function toggleFace(face: number): void {
  selectedFaces.value = toggled(selectedFaces.peek(), face);
}

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
