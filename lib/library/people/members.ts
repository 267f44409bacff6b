import type { FaceColumns } from './columns.ts';

/**
 * The faces of every person, ascending, by one pass over all faces.
 *
 * @param size the number of faces to visit. Default: all.
 */
export function facesByPerson(columns: FaceColumns, size = columns.size): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let face = 0; face < Math.min(columns.size, size); face++) {
    const person = columns.person[face] as number;
    const faces = members.get(person);
    if (faces) faces.push(face);
    else members.set(person, [face]);
  }
  return members;
}

/** At most `count` faces, evenly distributed over the list, because neighbours in the list may be of one moment. */
export function evenly(faces: readonly number[], count: number): number[] {
  const chosen = Math.min(count, faces.length);
  return Array.from({ length: chosen }, (_, i) => faces[Math.floor((i * faces.length) / chosen)] as number);
}
