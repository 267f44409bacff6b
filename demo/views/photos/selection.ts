import { batch, signal } from '@preact/signals';

/** The numbers of the selected people. */
export const selectedPeople = signal<ReadonlySet<number>>(new Set());

/** The numbers of the selected faces. */
export const selectedFaces = signal<ReadonlySet<number>>(new Set());

/** Selects or deselects a person. */
export function togglePerson(number: number): void {
  selectedPeople.value = toggled(selectedPeople.peek(), number);
}

/** Selects or deselects a face. */
export function toggleFace(face: number): void {
  selectedFaces.value = toggled(selectedFaces.peek(), face);
}

/** Deselects all people and faces. */
export function clearSelection(): void {
  batch(() => {
    selectedPeople.value = new Set();
    selectedFaces.value = new Set();
  });
}

function toggled(set: ReadonlySet<number>, item: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
