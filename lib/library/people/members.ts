import type { FaceColumns } from './columns.ts';

/**
 * The faces of every person, ascending, by one pass over all faces.
 *
 * @param size the number of faces to visit. Default: all.
 */
export function facesByPerson(columns: FaceColumns, size = columns.size): Map<number, number[]> {
  return facesBy(columns.person, Math.min(columns.size, size));
}

/** The faces of every photo, ascending, removed ones too. They are not consecutive if some were found when it was indexed again. */
export function facesByPhoto(columns: FaceColumns, size: number): Map<number, number[]> {
  return facesBy(columns.photo, size);
}

function facesBy(column: Uint32Array, size: number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let face = 0; face < size; face++) {
    const group = column[face] as number;
    const faces = groups.get(group);
    if (faces) faces.push(face);
    else groups.set(group, [face]);
  }
  return groups;
}
