import { FaceNetError } from '../core/errors.ts';
import type { Graph } from './graph.ts';

/**
 * Cannot-link constraints: for each face, the sets that it is in. The faces of a set are of different people, for
 * example those of one photo. (Wagstaff and Cardie, "Clustering with Instance-level Constraints", ICML 2000)
 */
export type CannotLink = readonly (readonly (readonly number[])[])[];

/**
 * The constraints of photo keys and pairs: one set for each photo and one for each pair.
 *
 * @throws {FaceNetError} `option-invalid` for a pair that is not two different indices of faces.
 */
export function cannotLinkSets(
  faces: readonly { photo?: unknown }[],
  pairs: readonly (readonly [number, number])[],
): CannotLink {
  const sets: (readonly number[])[][] = faces.map(() => []);
  const photos = new Map<unknown, number[]>();
  faces.forEach(({ photo }, face) => {
    if (photo === undefined) return;
    const members = photos.get(photo) ?? [];
    members.push(face);
    photos.set(photo, members);
    sets[face]?.push(members);
  });
  if (!Array.isArray(pairs)) throw new FaceNetError('option-invalid', 'cannotLink is not a list: pass pairs of faces.');
  pairs.forEach((pair, i) => {
    const isPair = Array.isArray(pair) && pair.length === 2 && pair[0] !== pair[1];
    if (!isPair || !pair.every((face) => Number.isInteger(face) && face in sets)) {
      throw new FaceNetError(
        'option-invalid',
        `cannotLink[${i}] is not a pair: use the indices of two different faces.`,
      );
    }
    for (const face of pair) sets[face]?.push(pair);
  });
  return sets;
}

/** Removes the links between faces of different people. Yields to the event loop. */
export function removeCannotLinks(graph: Graph, cannotLink: CannotLink, signal?: AbortSignal): Promise<void> {
  const areDifferent = (face: number, other: number) =>
    cannotLink[face]?.some((set) => cannotLink[other]?.includes(set));
  return graph.filter((face, other) => !areDifferent(face, other), signal);
}
