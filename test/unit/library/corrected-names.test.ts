import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

const identify = async () => ({ candidates: [{ person: { id: 'a', name: 'Ada' }, probability: 0.9 }] });

/** A library of three people, the first of whom is named Ada, each in photos of its own. */
async function named() {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });
  await library.add([0, 1, 2].flatMap((person) => [photo(`a${person}`, [person]), photo(`b${person}`, [person])]));
  const people = library.people().items.map(({ number }) => number) as [number, number, number];
  await library.name(people[0], 'Ada');
  return { library, people };
}

/** The people for whom the name is suggested. */
const suggested = async (library: Library) => (await library.suggestNames({ identify })).map(({ person }) => person);

describe('the name of somebody is not suggested for a person whom a correction concerns', () => {
  test('without one it is suggested for all', async () => {
    const { library, people } = await named();
    expect(await suggested(library)).toEqual(people.slice(1));
  });

  test.each(['different', 'unsure'] as const)('answered: %s', async (answer) => {
    const { library, people } = await named();
    const [ada, second, third] = people;
    await library.answer({ people: [ada, second], faces: [[], []], probability: 0.5 }, answer);
    expect(await suggested(library)).toEqual([third]);
  });

  test('a face of the person is not of somebody of this name', async () => {
    const { library, people } = await named();
    const [ada, second, third] = people;
    await library.notSame(library.facesOf(second)[0] as number, ada);
    expect(await suggested(library)).toEqual([third]);
  });

  test('somebody of this name is hidden', async () => {
    const { library, people } = await named();
    const [ada, second, third] = people;
    await library.hide(ada);
    await library.answer({ people: [ada, second], faces: [[], []], probability: 0.5 }, 'different');
    expect(await suggested(library)).toEqual([third]);
  });

  test('it is suggested for one of two people who are different', async () => {
    const { library, people } = await named();
    const [ada, second, third] = people;
    await library.name(ada, '');
    await library.answer({ people: [second, third], faces: [[], []], probability: 0.5 }, 'different');
    const found = await suggested(library);
    expect(found).toHaveLength(2);
    expect(found).toContain(ada);
  });
});
