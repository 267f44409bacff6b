// Measures facenet-web/clustering: npx tsx --expose-gc scripts/bench-clustering.ts [EMBEDDINGS.f32 PEOPLE.json [PRESET]]
// It prints Markdown tables; docs/clustering.md has them. EMBEDDINGS holds float32 numbers, little-endian, 128 to a face, and
// PEOPLE a list of as many names; without them only made-up faces are measured, and DBSCAN stands beside as the customary way.
import { readFileSync } from 'node:fs';
import { type Cluster, type ClusterOptions, clusterFaces } from '../lib/clustering/cluster.ts';
import { type Graph, linked } from '../lib/clustering/graph.ts';
import { thresholdFor } from '../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../lib/comparison/compare.ts';
import { bCubedScore, pairwiseScore } from '../lib/evaluation/clustering.ts';
import { Synthetic } from '../test/synthetic.ts';

const [embeddingsFile, peopleFile, presetName = 'balanced'] = process.argv.slice(2);
const { presets } = JSON.parse(readFileSync(new URL('../public/models/manifest.json', import.meta.url), 'utf8'));
const preset = presets.find(({ name }: { name: string }) => name === presetName);
const rule: ComparisonRule = {
  model: preset.embedder,
  dimension: 128,
  metric: 'euclidean',
  calibration: preset.calibration,
};

interface Pile {
  faces: { embedding: Float32Array; model: string }[];
  truth: string[];
}

/** The faces of people of whom there are at least two pictures. */
function photographed(embeddings: string, people: string): Pile {
  const bytes = readFileSync(embeddings);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const names: string[] = JSON.parse(readFileSync(people, 'utf8'));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rows = names.map((_, i) => i).filter((i) => (counts.get(names[i] as string) ?? 0) > 1);
  return {
    faces: rows.map((i) => ({ embedding: numbers.slice(i * 128, i * 128 + 128), model: rule.model })),
    truth: rows.map((i) => names[i] as string),
  };
}

function madeUp(count: number): Pile {
  const synthetic = new Synthetic();
  const truth = Array.from({ length: count }, (_, i) => `${i % Math.ceil(count / 5)}`);
  const centres = new Map(truth.map((name) => [name, synthetic.person()]));
  return {
    truth,
    faces: truth.map((name) => ({
      embedding: synthetic.near(centres.get(name) as Float32Array, 0.22),
      model: rule.model,
    })),
  };
}

/** DBSCAN with at least `minimum` faces around a core; noise is left alone. (Ester et al., KDD 1996) */
function dbscan(graph: Graph, minimum: number): number[] {
  const labels = graph.map((_, i) => -1 - i);
  const isCore = (i: number) => (graph[i]?.length ?? 0) + 1 >= minimum;
  let cluster = 0;
  graph.forEach((_, start) => {
    if ((labels[start] as number) >= 0 || !isCore(start)) return;
    const open = [start];
    labels[start] = cluster;
    while (open.length > 0) {
      const node = open.pop() as number;
      if (!isCore(node)) continue;
      for (const { to } of graph[node] ?? []) {
        if ((labels[to] as number) >= 0) continue;
        labels[to] = cluster;
        open.push(to);
      }
    }
    cluster++;
  });
  return labels;
}

function labelsOf(clusters: readonly Cluster[]): number[] {
  const labels: number[] = [];
  clusters.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  return labels;
}

async function report(method: string, far: number, { truth }: Pile, work: () => Promise<number[]>): Promise<void> {
  globalThis.gc?.();
  const [start, before] = [performance.now(), process.memoryUsage()];
  const labels = await work();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const held = (heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6;
  const [pairs, cubed] = [pairwiseScore(labels, truth), bCubedScore(labels, truth)];
  const cells = [pairs.precision, pairs.recall, pairs.f, cubed.precision, cubed.recall, cubed.f].map((value) =>
    value.toFixed(3),
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`| ${[method, far, new Set(labels).size, ...cells, seconds, Math.round(held)].join(' | ')} |`);
}

async function measure(title: string, pile: Pile, rates: readonly number[]): Promise<void> {
  console.log(`\n${title}: ${pile.faces.length} faces of ${new Set(pile.truth).size} people\n`);
  console.log('| method | far | clusters | pairwise precision | recall | F | BCubed precision | recall | F | s | MB |');
  console.log('|-|-|-|-|-|-|-|-|-|-|-|');
  for (const method of ['chinese-whispers', 'agglomerative'] satisfies ClusterOptions['method'][]) {
    for (const far of rates) {
      await report(method, far, pile, async () => labelsOf(await clusterFaces(pile.faces, { rule }, { method, far })));
    }
  }
  for (const far of rates) {
    await report('DBSCAN (2)', far, pile, async () => {
      const embeddings = pile.faces.map(({ embedding }) => embedding);
      return dbscan(await linked(embeddings, thresholdFor(far, rule.calibration), 'euclidean'), 2);
    });
  }
}

if (embeddingsFile && peopleFile) {
  await measure('Photos', photographed(embeddingsFile, peopleFile), [0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5]);
}
await measure('Made up', madeUp(10_000), [1e-3]);
