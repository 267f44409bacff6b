import { FaceNetError } from '../../core/errors.ts';
import { shuffled } from '../../core/random.ts';
import { type PersonLabel, placesByPerson } from '../triplets/triplets.ts';

/** Which of the examples are learned from, and which are held out, by their places. */
export interface Split {
  learned: number[];
  heldOut: number[];
}

/**
 * Holds a share of the people out, with all their faces: that somebody the head has never seen is told apart is what it is for.
 * People with several faces and those with one are divided alike.
 *
 * @param share 0 to 0.5; unless it is 0, at least two people with two faces are held out.
 * @throws {FaceNetError} `examples-too-few` when fewer than two people with two faces are left on either side.
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
  const held = share === 0 ? 0 : Math.max(2, Math.round(share * several.length));
  if (several.length < held + 2) {
    throw new FaceNetError(
      'examples-too-few',
      `There are ${several.length} people with two faces or more, and training needs ${held + 2}${share === 0 ? '' : ', two of them held out'}: enrol more people, or more faces of each${share === 0 ? '' : ', or pass heldOut: 0'}.`,
    );
  }
  const heldSingle = Math.round((held / several.length) * single.length);
  return {
    learned: [...several.slice(held), ...single.slice(heldSingle)].flat(),
    heldOut: [...several.slice(0, held), ...single.slice(0, heldSingle)].flat(),
  };
}
