import { isGrouped } from '../people/grouping.ts';
import type { PeopleState } from '../people/state.ts';

/**
 * The share of faces that may be new since the neighbour graph was stored. Storing it writes 370 bytes a face, because the links of
 * new faces are spread over all blocks: with a share, the bytes written while a library grows stay in proportion to its size.
 */
const maxUnstoredShare = 0.05;

/** Up to this number of new faces the graph is not stored. Linking them again takes a quarter of a second. */
const minUnstored = 500;

/** Up to this number of faces all are grouped again after each addition. It takes a tenth of a second. */
const maxAlwaysGrouped = 2000;

/**
 * The share of faces that may be new since all were grouped. They have joined the people near them, which takes the same time in a
 * library of any size, but do not change the people of others.
 */
const maxUngroupedShare = 0.05;

/** Whether all faces have to be grouped again. @param grouped the number of faces when they were for the last time. */
export function isGroupingDue(grouped: number, faces: number): boolean {
  return faces > grouped && (faces <= maxAlwaysGrouped || faces - grouped >= maxUngroupedShare * faces);
}

/** Whether enough faces are new since the neighbour graph was last stored to store it again, so that a reload repeats little work. */
export function isGraphDue(graphed: number, faces: number): boolean {
  return faces - graphed >= Math.max(minUnstored, maxUnstoredShare * faces);
}

/** The faces that shall be of a person and are of none yet: the page ended before they were placed. */
export function unplacedFaces(state: PeopleState): number[] {
  const faces: number[] = [];
  const { columns } = state;
  for (let face = 0; face < columns.size; face++) {
    if (columns.person[face] === 0 && isGrouped(state, face)) faces.push(face);
  }
  return faces;
}
