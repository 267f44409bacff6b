import { describe, expect, test } from 'vitest';
import { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { InventedPeople, rule } from '../library/embeddings.ts';

const parameters = { dimension: rule.dimension, metric: rule.metric, maxDistance: 0.6 };

/** A graph of faces, three of each person. */
function graphOf(people: number): { graph: FaceGraph; embeddings: Float32Array[] } {
  const invented = new InventedPeople(1, people);
  const embeddings = Array.from({ length: 3 * people }, (_, i) => invented.embedding(i % people, 0.5));
  const graph = new FaceGraph(parameters.dimension, parameters.metric, parameters.maxDistance);
  for (const embedding of embeddings) graph.add(embedding);
  return { graph, embeddings };
}

function linked(graph: FaceGraph, face: number): number[] {
  const others: number[] = [];
  graph.lists.forEach(face, Number.POSITIVE_INFINITY, (other) => others.push(other));
  return others;
}

describe('the neighbour graph', () => {
  test('links the faces of one person beyond the size of the exact search', () => {
    const people = 500;
    const { graph } = graphOf(people);
    let found = 0;
    for (let face = 0; face < graph.size; face++) {
      found += linked(graph, face).filter((other) => other % people === face % people).length;
    }
    expect(found / (2 * graph.size)).toBeGreaterThan(0.98);
  });

  test('finds faces whose embeddings were replaced, beyond the size of the exact search', async () => {
    const people = 500;
    const { graph } = graphOf(people);
    const invented = new InventedPeople(2, people);
    const added = new FaceGraph(parameters.dimension, parameters.metric, parameters.maxDistance);
    const replaced = Array.from({ length: graph.size }, (_, number) => {
      return { number, embedding: invented.embedding(number % people, 0.5) };
    });
    for (let from = 0; from < graph.size; from += 100) await graph.replace(replaced.slice(from, from + 100), undefined);
    for (const { embedding } of replaced) added.add(embedding);
    const found = (of: FaceGraph) => {
      let count = 0;
      for (const { number } of replaced) {
        const same = linked(of, number).filter((other) => other % people === number % people);
        expect(new Set(same).size).toBe(same.length);
        count += same.length;
      }
      return count / (2 * graph.size);
    };
    const searched = replaced.filter(({ number, embedding }) => graph.nearest(embedding, 1)[0]?.face === number);
    expect(searched.length / graph.size).toBeGreaterThan(0.98);
    expect(found(graph)).toBeGreaterThan(found(added) - 0.02);
  });

  test('lists only faces', () => {
    const { graph } = graphOf(2);
    for (let face = 0; face < graph.size; face++) expect(Math.max(0, ...linked(graph, face))).toBeLessThan(graph.size);
  });

  test('goes on from its stored blocks as if it had never stopped', async () => {
    const { graph, embeddings } = graphOf(500);
    const half = 1200;
    const first = new FaceGraph(parameters.dimension, parameters.metric, parameters.maxDistance);
    for (const embedding of embeddings.slice(0, half)) first.add(embedding);
    const restored = await FaceGraph.fromBlocks(await first.blocks(), half, parameters);
    for (const embedding of embeddings.slice(0, half)) restored.restore(embedding);
    for (const embedding of embeddings.slice(half)) restored.add(embedding);
    for (let face = 0; face < graph.size; face++) expect(linked(restored, face)).toEqual(linked(graph, face));
  });

  test('is stored without a copy of its full blocks', async () => {
    const { graph } = graphOf(500);
    const [first, again] = [await graph.blocks(), await graph.blocks()];
    expect(first.map(({ levels }) => levels.length)).toEqual([1024, 476]);
    expect(first[0]?.near).toBe(again[0]?.near);
    expect(first[0]?.distances).toBe(again[0]?.distances);
    expect(first[0]?.ground).toBe(again[0]?.ground);
  });

  test('is empty if some of its blocks were removed while others were read', async () => {
    const { graph, embeddings } = graphOf(500);
    const blocks = await graph.blocks();
    const restored = await FaceGraph.fromBlocks(blocks.slice(0, 1), graph.size, parameters);
    expect(restored.lists.size).toBe(0);
    for (const embedding of embeddings) restored.add(embedding);
    for (let face = 0; face < graph.size; face++) expect(linked(restored, face)).toEqual(linked(graph, face));
  });
});
