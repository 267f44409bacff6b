import { describe, expect, test } from 'vitest';
import { probabilityAt } from '../../../lib/comparison/calibration.ts';
import { seeded } from '../../../lib/core/random.ts';
import type { Question } from '../../../lib/library/index.ts';
import { FaceColumns } from '../../../lib/library/people/columns.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { placeFaces } from '../../../lib/library/people/grouping.ts';
import { rankQuestions } from '../../../lib/library/people/questions.ts';
import { PeopleState } from '../../../lib/library/people/state.ts';
import { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { rule, unit } from './embeddings.ts';

describe('questions about a few people', () => {
  test.each([[[0.57, 0.6, 0.62]], [[0.5]]])('are about as probable as their distances say: %j', async (distances) => {
    const { state, graph } = await facesBeside(distances);
    const questions = await rankQuestions(state, graph, rule.calibration);
    expect(questions).toHaveLength(distances.length);
    for (const [i, { probability }] of questions.entries()) {
      const even = probabilityAt(distances[i] as number, rule.calibration);
      expect(Math.abs(probability - even)).toBeLessThan(0.1);
    }
  });

  test('are not asked if strangers are more likely to be as near', async () => {
    const { state, graph } = await facesBeside([0.66, 0.7]);
    expect(await rankQuestions(state, graph, rule.calibration)).toEqual([]);
  });
});

test('people without another photo are not taken for one, however many near pairs they have', async () => {
  const state = new PeopleState(new FaceColumns(), [], [], 1);
  const graph = new FaceGraph(16, 'cosine', 0.8);
  const random = seeded(3);
  // Of 300 directions in 16 dimensions thousands of pairs are as near as photos of one person.
  for (let face = 0; face < 300; face++) {
    graph.add(unit(Float32Array.from({ length: 16 }, () => random() + random() + random() - 1.5)));
    state.columns.append({ photo: face, time: 0, order: face, person: 1 + face, flags: 0 });
  }
  const questions = await rankQuestions(state, graph, rule.calibration);
  expect(questions.length).toBeGreaterThan(500);
  const expected = questions.reduce((sum, { probability }) => sum + probability, 0);
  expect(expected / questions.length).toBeLessThan(0.05);
});

describe('the maximum number of questions', () => {
  test('leaves the best ones', async () => {
    const { state, graph } = await facesBeside([0.57, 0.6, 0.55, 0.62]);
    const all = await rankQuestions(state, graph, rule.calibration);
    expect(all).toHaveLength(4);
    for (const limit of [1, 3]) {
      expect(await rankQuestions(state, graph, rule.calibration, { limit })).toEqual(all.slice(0, limit));
    }
  });
});

describe('a pair that a correction concerns is not asked about', () => {
  test.each([
    ['different people', 'different'],
    ['an unsure answer', 'unsure'],
    ['a face that is not of the other person', 'not-person'],
  ] as const)('%s', async (_, kind) => {
    const { state, graph } = await facesBeside([0.57, 0.6]);
    const [question] = await rankQuestions(state, graph, rule.calibration);
    const [[a, b], [[face]]] = [question?.people as [number, number], question?.faces as [number[], number[]]];
    new Edit(state).add(kind, kind === 'not-person' ? (face as number) : a, b);
    const left = await rankQuestions(state, graph, rule.calibration);
    expect(left.map(({ people }) => [...people].sort())).not.toContainEqual([a, b].sort());
    expect(left).toHaveLength(1);
  });
});

describe('a pair of people with names', () => {
  test.each([
    ['is not asked about if these differ', 'Ada', 'Bob', 1],
    ['is asked about if they are the same', 'Ada', 'Ada', 2],
    ['is asked about if one of them has none', 'Ada', '', 2],
  ])('%s', async (_, first, second, count) => {
    const { state, graph } = await facesBeside([0.57, 0.6]);
    const [question] = await rankQuestions(state, graph, rule.calibration);
    const [a, b] = (question as Question).people;
    const edit = new Edit(state);
    edit.setPerson(a, { name: first });
    edit.setPerson(b, { name: second });
    const asked = (await rankQuestions(state, graph, rule.calibration)).map(({ people }) => [...people].sort());
    expect(asked).toHaveLength(count);
    expect(asked.some((people) => people.join() === [a, b].sort().join())).toBe(count === 2);
  });
});

describe('people with more near faces than a list of neighbours has places', () => {
  test('are asked about', async () => {
    const { state, graph, people } = await bursts([0.5]);
    const questions = await rankQuestions(state, graph, rule.calibration);
    expect(questions.map(({ people }) => [...people].sort())).toEqual([people]);
    expect(questions[0]?.probability).toBeGreaterThan(0.5);
    for (const [i, person] of (questions[0] as Question).people.entries()) {
      for (const face of questions[0]?.faces[i] ?? []) expect(state.columns.person[face]).toBe(person);
    }
  });

  test.each(['by an answer', 'by their names'])(
    'are asked about if the others in their lists are known to be different %s',
    async (how) => {
      const { state, graph, people } = await bursts([0.5, 0.52], [20, 20, 40]);
      const [a, b, c] = people as [number, number, number];
      const edit = new Edit(state);
      if (how === 'by an answer') edit.add('different', a, b);
      else
        for (const [person, name] of [
          [a, 'Ada'],
          [b, 'Bob'],
        ] as const)
          edit.setPerson(person, { name });
      const asked = (await rankQuestions(state, graph, rule.calibration)).map(({ people }) => [...people].sort());
      expect(asked).toContainEqual([a, c]);
    },
  );
});

test.each([
  [-1, []],
  [0.56, [0.5, 0.55]],
  [Number.POSITIVE_INFINITY, [0.5, 0.55, 0.6]],
])('people of one photo are asked about if they may be one within %d', async (withinPhoto, asked) => {
  const distances = [0.6, 0.5, 0.55];
  const { state, graph } = await facesBeside(distances, 0);
  const questions = await rankQuestions(state, graph, rule.calibration, { withinPhoto });
  const found = questions.map(({ faces: [[a], [b]] }) => distances[Math.max(a as number, b as number) - 1]);
  expect(found.sort()).toEqual(asked);
});

test.each([
  ['before pairs are sought', 0],
  ['while pairs are sought', 1],
  ['while pairs of one photo are left out', 2],
  ['while pairs are chosen', 5],
  ['while pairs are compared', 6],
])('a person whose faces are moved %s spoils no question about others', async (_, at) => {
  const { state, graph } = await facesBeside(Array.from({ length: 70 }, (_, i) => 0.5 + i / 1000));
  const { signal } = new AbortController();
  let calls = 0;
  // The signal is asked wherever the ranking may pause: with every 64th face or pair, and before each comparison.
  signal.throwIfAborted = () => {
    if (calls++ === at) new Edit(state).assign(1, state.nextPerson++);
  };
  const questions = await rankQuestions(state, graph, rule.calibration, { signal });
  expect(calls).toBeGreaterThan(at);
  expect(questions.length).toBeGreaterThan(60);
  for (const { probability } of questions) expect(probability).toBeGreaterThan(0);
});

test('people of one photo are not asked about if one of them was found when it was indexed again', async () => {
  const { state, graph } = await facesBeside([0.6, 0.57]);
  // A face of another photo is between both.
  state.columns.photo[2] = 0;
  const questions = await rankQuestions(state, graph, rule.calibration);
  expect(questions.map(({ faces }) => faces.flat().sort())).toEqual([[0, 1]]);
});

test('a pause comes after few pairs, however many there are', async () => {
  // Each list is full of faces of other people.
  const [count, peopleCount] = [1500, 1000];
  const state = new PeopleState(new FaceColumns(), [], [], peopleCount + 1);
  const graph = new FaceGraph(16, 'cosine', 2);
  const random = seeded(3);
  for (let face = 0; face < count; face++) {
    graph.add(unit(Float32Array.from({ length: 16 }, () => random() - 0.5)));
    state.columns.append({ photo: face, time: 0, order: face, person: 1 + (face % peopleCount), flags: 0 });
  }
  // Counts how often the person of a face is read between two pauses.
  let [reads, most] = [0, 0];
  const { person } = state.columns;
  state.columns.person = new Proxy(person, {
    get(target, property) {
      if (typeof property === 'string' && /^[0-9]+$/.test(property)) reads++;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { signal } = new AbortController();
  signal.throwIfAborted = () => {
    most = Math.max(most, reads);
    reads = 0;
  };
  await rankQuestions(state, graph, rule.calibration, { signal });
  // 64 faces with 32 neighbours each, two reads for each, and all faces once or twice.
  expect(most).toBeLessThan(64 * 32 * 2 + 2 * count);
});

/** People with bursts of photos, 0.05 apart. @param distances of the other bursts from the first. */
async function bursts(distances: readonly number[], sizes: readonly number[] = [40, 40, 40]) {
  const state = new PeopleState(new FaceColumns(), [], [], 1);
  const graph = new FaceGraph(rule.dimension, 'cosine', 0.8);
  const numbers: number[] = [];
  for (const [i, distance] of [0, ...distances].entries()) {
    for (let copy = 0; copy < (sizes[i] as number); copy++) {
      const embedding = new Float32Array(rule.dimension);
      embedding[0] = 1 - distance;
      if (i > 0) embedding[i] = Math.sqrt(1 - (1 - distance) ** 2);
      const direction = 10 + numbers.length;
      const near = embedding.map((value, at) => Math.sqrt(0.95) * value + (at === direction ? Math.sqrt(0.05) : 0));
      graph.add(near);
      numbers.push(
        state.columns.append({ photo: numbers.length, time: 0, order: numbers.length, person: 0, flags: 0 }),
      );
    }
  }
  await placeFaces(new Edit(state), graph, numbers, { within: 0.43, withinPhoto: 0 });
  const people = [...new Set(state.columns.person.slice(0, numbers.length))].sort((a, b) => a - b);
  expect(people).toHaveLength(distances.length + 1);
  return { state, graph, people };
}

/** A face in the photo 0, and faces in another photo, unless it is the same, at given distances from it. */
async function facesBeside(
  distances: readonly number[],
  otherPhoto = 1,
): Promise<{ state: PeopleState; graph: FaceGraph }> {
  const state = new PeopleState(new FaceColumns(), [], [], 1);
  const graph = new FaceGraph(rule.dimension, 'cosine', 0.8);
  const numbers = [0, ...distances].map((distance, i) => {
    // Each in a plane of its own with the first face.
    const embedding = new Float32Array(rule.dimension);
    embedding[0] = 1 - distance;
    embedding[i] = i === 0 ? 1 : Math.sqrt(1 - (1 - distance) ** 2);
    graph.add(embedding);
    return state.columns.append({ photo: i === 0 ? 0 : otherPhoto, time: 0, order: i, person: 0, flags: 0 });
  });
  await placeFaces(new Edit(state), graph, numbers, { within: 0.43, withinPhoto: 0 });
  return { state, graph };
}
