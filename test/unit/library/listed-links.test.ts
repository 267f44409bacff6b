import { expect, test } from 'vitest';
import { GraphBuilder, type LinkedNodes } from '../../../lib/clustering/graph.ts';
import { ListedLinks } from '../../../lib/clustering/listed-links.ts';
import { seeded, shuffled } from '../../../lib/core/random.ts';
import { FaceColumns } from '../../../lib/library/people/columns.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { regroupFaces } from '../../../lib/library/people/grouping.ts';
import { PeopleState } from '../../../lib/library/people/state.ts';
import { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { listLength } from '../../../lib/neighbours/near-lists.ts';
import { InventedPeople, rule } from './embeddings.ts';

const within = 0.5;

/** A graph in which most people have more faces than a list holds, so that many faces list others that do not list them. */
function crowdedGraph(faces: number): FaceGraph {
  const people = Math.ceil(faces / 60);
  const invented = new InventedPeople(2, people);
  const graph = new FaceGraph(rule.dimension, rule.metric, 0.8);
  for (let face = 0; face < faces; face++) graph.add(invented.embedding(face % people, 0.6));
  return graph;
}

test('has the links of the lists in both directions, by ascending node, and removes those that are not kept', async () => {
  const graph = crowdedGraph(600);
  const all = Array.from({ length: graph.size }, (_, face) => face);
  const faces = shuffled(all, seeded(1)).slice(0, 500);
  const links = await ListedLinks.among(graph.lists, faces, within);
  const expected = await copiedLinks(graph, faces);
  expect(linksOf(links)).toEqual(linksOf(expected));
  const isOneSided = ([node, other]: [number, number]) =>
    !graph.lists.has(faces[node] as number, faces[other] as number);
  expect(
    linksOf(links).flatMap((of, node) => of.filter(([other]) => isOneSided([node, other]))).length,
  ).toBeGreaterThan(1000);
  const isKept = (a: number, b: number) => (a + b) % 3 !== 0;
  await links.filter(isKept);
  await expected.filter(isKept);
  expect(linksOf(links)).toEqual(linksOf(expected));
});

test('a grouping of faces whose lists are full allocates little memory for their links', async () => {
  const faces = 3000;
  const graph = crowdedGraph(faces);
  const state = new PeopleState(new FaceColumns(), [], [], 1);
  for (let face = 0; face < faces; face++)
    state.columns.append({ photo: face, time: 0, order: face, person: 0, flags: 0 });
  state.markStored();
  const before = process.memoryUsage().arrayBuffers;
  const peak = await peakOf(
    () => process.memoryUsage().arrayBuffers,
    () => regroupFaces(new Edit(state), graph, { within, withinPhoto: -1 }),
  );
  const perFace = (peak - before) / faces;
  // A copy of all links takes 12 bytes for each direction.
  expect(perFace).toBeLessThan(12 * listLength);
});

/** The largest value of a measurement between the tasks of some work, which yields to the event loop. */
async function peakOf(measure: () => number, work: () => Promise<void>): Promise<number> {
  let peak = 0;
  let isRunning = true;
  const sample = () => {
    peak = Math.max(peak, measure());
    if (isRunning) setImmediate(sample);
  };
  sample();
  await work();
  isRunning = false;
  return peak;
}

/** The same links, collected one by one. */
async function copiedLinks({ lists }: FaceGraph, faces: readonly number[]): Promise<LinkedNodes> {
  const links = new GraphBuilder(faces.length);
  for (const [a, face] of faces.entries()) {
    lists.forEach(face, within, (other, distance) => {
      const b = faces.indexOf(other);
      if (b >= 0 && (b < a || !lists.has(other, face))) links.link(a, b, distance);
    });
  }
  return links.build();
}

function linksOf(links: LinkedNodes): [number, number][][] {
  return Array.from({ length: links.size }, (_, node) => {
    const found: [number, number][] = [];
    links.forEach(node, (other, distance) => found.push([other, distance]));
    return found;
  });
}
