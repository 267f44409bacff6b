import { FaceNetError } from '../../core/errors.ts';
import { shuffled } from '../../core/random.ts';
import { type PersonLabel, placesByPerson } from '../triplets/triplets.ts';

/** The indices of the training examples and of the held-out ones. */
export interface Split {
  training: number[];
  heldOut: number[];
}

/**
 * Holds out a share of the people with all their faces, so that validation measures people the head has not been trained on. The
 * share applies both to people with several faces and to people with one.
 *
 * @param share 0 to 0.5. Unless it is 0, at least two people with two faces are held out.
 * @throws {FaceNetError} `examples-too-few` when fewer than two people with two faces remain on either side.
 */
export function splitPeople(labels: readonly PersonLabel[], share: number, random: () => number): Split {
  const people = [...placesByPerson(labels).values()];
  const several = shuffled(
    people.filter(({ length }) => length > 1),
    random,
  );
  const single = shuffled(
    people.filter(({ length }) => length === 1),
    random,
  );
  const heldOut = share === 0 ? 0 : Math.max(2, Math.round(share * several.length));
  if (several.length < heldOut + 2) {
    const alternative = share === 0 ? '' : ', or pass heldOut: 0';
    throw new FaceNetError(
      'examples-too-few',
      `There are ${several.length} people with two faces or more, and training needs ${heldOut + 2}: enrol more people, or more faces of each${alternative}.`,
    );
  }
  const heldOutSingle = Math.round((heldOut / several.length) * single.length);
  return {
    training: [...several.slice(heldOut), ...single.slice(heldOutSingle)].flat(),
    heldOut: [...several.slice(0, heldOut), ...single.slice(0, heldOutSingle)].flat(),
  };
}
