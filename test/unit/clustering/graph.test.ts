import { expect, test } from 'vitest';
import { type Graph, GraphBuilder } from '../../../lib/clustering/graph.ts';
import { seeded, shuffled } from '../../../lib/core/random.ts';

const size = 80;
/** More links than the builder has room for at first. */
const pairs = Array.from({ length: size }, (_, a) => Array.from({ length: a }, (_, b) => [a, b] as const))
  .flat()
  .filter(([a, b]) => a !== 7 && b !== 7 && (a * b) % 3 !== 1);
const distanceOf = (a: number, b: number) => (a * b) / 10_000;

test('a graph has every link in both directions, by ascending node, in whatever order they were added', async () => {
  expect(pairs.length).toBeGreaterThan(1024);
  const graph = await build(shuffled(pairs, seeded(3)));
  expect(graph.size).toBe(size);
  expect(linksOf(graph)).toEqual(expectedLinks(pairs));
  expect(graph.degree(7)).toBe(0);
  expect(graph.degree(3)).toBe(linksOf(graph)[3]?.length);
});

test('filtering a graph removes exactly the links that are not kept', async () => {
  const isKept = (a: number, b: number) => (a + b) % 4 !== 0;
  const graph = await build(pairs);
  await graph.filter(isKept);
  expect(linksOf(graph)).toEqual(expectedLinks(pairs.filter(([a, b]) => isKept(a, b))));
});

test('a graph can be empty', async () => {
  const graph = await new GraphBuilder(0).build();
  expect(graph.size).toBe(0);
  expect(linksOf(await new GraphBuilder(2).build())).toEqual([[], []]);
});

function build(links: readonly (readonly [number, number])[]): Promise<Graph> {
  const builder = new GraphBuilder(size);
  for (const [a, b] of links) builder.link(a, b, distanceOf(a, b));
  return builder.build();
}

function linksOf(graph: Graph): [number, number][][] {
  return Array.from({ length: graph.size }, (_, node) => {
    const links: [number, number][] = [];
    graph.forEach(node, (other, distance) => links.push([other, distance]));
    return links;
  });
}

function expectedLinks(links: readonly (readonly [number, number])[]): [number, number][][] {
  return Array.from({ length: size }, (_, node) =>
    links
      .filter((link) => link.includes(node))
      .map(([a, b]): [number, number] => [a === node ? b : a, distanceOf(a, b)])
      .sort((p, q) => p[0] - q[0]),
  );
}
