import { FaceNetError } from '../core/errors.ts';
import type { LinkedNodes } from './graph.ts';

/**
 * Cannot-link constraints: for each face, the sets that it is in. The faces of a set are of different people, for
 * example those of one photo. (Wagstaff and Cardie, "Clustering with Instance-level Constraints", ICML 2000)
 */
export type CannotLink = readonly (readonly (readonly number[])[])[];

/** Up to this length a list is copied when an item is added. push() would reserve places for 16 more, which most lists do not need. */
const maxCopied = 16;

/** The sets of a face without constraints. */
const none: (readonly number[])[] = [];

/**
 * The constraints of photo keys and pairs: one set for each photo with several faces, which share the list that holds it, and one for
 * each pair.
 *
 * @param photos the key of each face's photo. Undefined: it constrains none.
 * @throws {FaceNetError} `option-invalid` for a pair that is not two different indices of faces.
 */
export function cannotLinkSets(photos: readonly unknown[], pairs: readonly (readonly [number, number])[]): CannotLink {
  const sets = photoSets(photos);
  if (!Array.isArray(pairs)) throw new FaceNetError('option-invalid', 'cannotLink is not a list: pass pairs of faces.');
  pairs.forEach((pair, i) => {
    const isPair = Array.isArray(pair) && pair.length === 2 && pair[0] !== pair[1];
    if (!isPair || !pair.every((face) => Number.isInteger(face) && face in sets)) {
      throw new FaceNetError(
        'option-invalid',
        `cannotLink[${i}] is not a pair: use the indices of two different faces.`,
      );
    }
    // Longer lists are of one face: those that faces share have one set.
    for (const face of pair) sets[face] = appended(sets[face] ?? none, pair);
  });
  return sets;
}

/** For each face, the set of its photo's faces. */
function photoSets(photos: readonly unknown[]): (readonly number[])[][] {
  const sets = photos.map(() => none);
  /** The first face of each photo, or its set once there is another. */
  const found = new Map<unknown, number | [number[]]>();
  photos.forEach((photo, face) => {
    if (photo === undefined) return;
    const present = found.get(photo);
    if (present === undefined) {
      found.set(photo, face);
      return;
    }
    const own: [number[]] = typeof present === 'number' ? [[present]] : present;
    own[0] = appended(own[0], face);
    if (typeof present === 'number') {
      found.set(photo, own);
      sets[present] = own;
    }
    sets[face] = own;
  });
  return sets;
}

/** A list with one more item. Short lists are copied, long ones changed. */
function appended<Item>(list: Item[], item: Item): Item[] {
  if (list.length <= maxCopied) return list.concat([item]);
  list.push(item);
  return list;
}

/** Removes the links between faces of different people. Yields to the event loop. */
export function removeCannotLinks(graph: LinkedNodes, cannotLink: CannotLink, signal?: AbortSignal): Promise<void> {
  const areDifferent = (face: number, other: number) =>
    cannotLink[face]?.some((set) => cannotLink[other]?.includes(set));
  return graph.filter((face, other) => !areDifferent(face, other), signal);
}
