import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library with five photos of one person, of which two faces are split off. */
async function split() {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });
  await library.add([...'abcde'].map((name) => photo(name, [0])));
  const [former] = library.people().items.map(({ number }) => number) as [number];
  const [f, g] = library.facesOf(former) as [number, number];
  const person = await library.split(f, g);
  return { library, former, person, f, g };
}

/** The pairs of people that no question is asked about. */
const answered = (library: Library) => sessionOf(library).state.constrainedPairs();

test('a face that leaves the person it was split off to does not return to its former person', async () => {
  const { library, former, person, f, g } = await split();
  await library.notSame(g, person);
  await library.regroup();
  expect(library.personOf(f)).toBe(person);
  expect(library.personOf(g)).not.toBe(former);
  expect(library.personOf(g)).not.toBe(person);
  await library.undo();
  expect(library.facesOf(person)).toEqual([f, g]);
});

test('a face that is split off twice is not asked about with the first person', async () => {
  const { library, former, person, g } = await split();
  const own = await library.split(g);
  expect(answered(library).has(own, person)).toBe(true);
  expect(answered(library).has(own, former)).toBe(true);
});

test('a face that was moved on from the person it was split off to is still not of its former person', async () => {
  const { library, former, person, g } = await split();
  await library.add([photo('z', [3])]);
  const other = library.people().items.find(({ number }) => number !== former && number !== person);
  await library.move([g], other?.number as number);
  await library.notSame(g, other?.number as number);
  expect(library.personOf(g)).not.toBe(former);
});

test('what an answer says of two people holds for a face that leaves one of them', async () => {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });
  await library.add([photo('a', [0]), photo('b', [0]), photo('z', [3])]);
  const [ada, bob] = library.people().items.map(({ number }) => number) as [number, number];
  await library.answer({ people: [ada, bob], faces: [[], []], probability: 0.5 }, 'different');
  const own = await library.split(library.facesOf(ada)[0] as number);
  expect(answered(library).has(own, bob)).toBe(true);
});
