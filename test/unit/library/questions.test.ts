import { describe, expect, test } from 'vitest';
import { probabilityAt } from '../../../lib/comparison/calibration.ts';
import type { Question } from '../../../lib/library/index.ts';
import { FaceGraph } from '../../../lib/library/neighbours/face-graph.ts';
import { FaceColumns } from '../../../lib/library/people/columns.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { placeFaces } from '../../../lib/library/people/grouping.ts';
import { rankQuestions } from '../../../lib/library/people/questions.ts';
import { PeopleState } from '../../../lib/library/people/state.ts';
import { rule } from './embeddings.ts';

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

  test('are asked about if the others in their lists are known to be different', async () => {
    const { state, graph, people } = await bursts([0.5, 0.52], [20, 20, 40]);
    const [a, b, c] = people as [number, number, number];
    new Edit(state).add('different', a, b);
    const asked = (await rankQuestions(state, graph, rule.calibration)).map(({ people }) => [...people].sort());
    expect(asked).toContainEqual([a, c]);
  });
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
  ['while pairs are compared', 2],
])('a person whose faces are moved %s spoils no question about others', async (_, at) => {
  const { state, graph } = await facesBeside(Array.from({ length: 70 }, (_, i) => 0.5 + i / 1000));
  const { signal } = new AbortController();
  let calls = 0;
  // The signal is asked wherever the ranking may pause: with every 64th face, and before each comparison.
  signal.throwIfAborted = () => {
    if (calls++ === at) new Edit(state).assign(1, state.nextPerson++);
  };
  const questions = await rankQuestions(state, graph, rule.calibration, { signal });
  expect(calls).toBeGreaterThan(at);
  expect(questions.length).toBeGreaterThan(60);
  for (const { probability } of questions) expect(probability).toBeGreaterThan(0);
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
