import { identityBatches } from '../triplets/identity-batches.ts';
import { type PersonLabel, placesByPerson } from '../triplets/triplets.ts';

/** The approximate number of faces per mini-batch of people with several faces. */
const batchFaces = 128;

/** The maximum number of further faces per mini-batch, added as negatives. */
const maxOtherFaces = 64;

/** The maximum number of faces per person in a mini-batch. */
const maxFacesPerPerson = 8;

/**
 * Mini-batches with the same number of faces of each person: the smallest number that a person with several faces has, up to 8,
 * so that everybody with several faces is trained on.
 *
 * @returns the batches, without end, and the number of batches after which everybody has been drawn once.
 */
export function trainingBatches(
  labels: readonly PersonLabel[],
  random: () => number,
): { batches: Generator<number[]>; perEpoch: number } {
  const counts = [...placesByPerson(labels).values()].map(({ length }) => length).filter((count) => count > 1);
  const faces = Math.min(maxFacesPerPerson, ...counts);
  const people = Math.min(counts.length, Math.max(2, Math.floor(batchFaces / faces)));
  // identityBatches requires enough other faces beside any choice of people, so subtract the largest ones.
  const largest = counts.toSorted((a, b) => b - a).slice(0, people);
  const minLeft = labels.length - largest.reduce((sum, count) => sum + count, 0);
  const others = Math.min(maxOtherFaces, minLeft);
  return {
    batches: identityBatches(labels, { people, faces, others, random }),
    perEpoch: Math.ceil(counts.length / people),
  };
}
