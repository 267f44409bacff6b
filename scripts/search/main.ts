// Measures the indexes of facenet-web/gallery: npx tsx --expose-gc scripts/search/main.ts [templates …]
// It prints a Markdown table; docs/search.md has one. The embeddings are made up, with distances as strangers' faces have them.
import { euclideanDistance } from '../../lib/comparison/distance.ts';
import { ExactIndex } from '../../lib/gallery/search/exact.ts';
import { QuantisedIndex } from '../../lib/gallery/search/quantised.ts';
import type { Neighbour, SearchOptions, VectorIndex } from '../../lib/gallery/search/vector-index.ts';
import { MadeUpFaces, within } from '../kit/synthetic-embeddings.ts';

const dimension = 128;
const probes = 20;
const limit = 10;
const madeUp = new MadeUpFaces(dimension);

function fill(count: number): Float32Array[] {
  return Array.from({ length: count }, () => madeUp.person());
}

function bruteForce(faces: readonly Float32Array[], probe: Float32Array, most: number): Neighbour[] {
  const found: Neighbour[] = [];
  faces.forEach((face, i) => {
    const distance = euclideanDistance(face, probe);
    if (distance > most || distance >= (found[limit - 1]?.distance ?? Number.POSITIVE_INFINITY)) return;
    found.push({ id: `${i}`, person: `${i}`, distance });
    found.sort((a, b) => a.distance - b.distance);
    if (found.length > limit) found.pop();
  });
  return found;
}

async function milliseconds(work: (probe: Float32Array) => unknown, list: readonly Float32Array[]): Promise<number> {
  for (const probe of list.slice(0, 3)) await work(probe);
  const start = performance.now();
  for (const probe of list) await work(probe);
  return (performance.now() - start) / list.length;
}

async function measure(count: number): Promise<void> {
  const faces = fill(count);
  const list = Array.from({ length: probes }, (_, i) => madeUp.near(faces[(i * 7919) % count] as Float32Array));
  const strangers = faces.slice(0, 500).flatMap((a, i) => faces.slice(0, i).map((b) => euclideanDistance(a, b)));
  const rate = strangers.filter((distance) => distance <= within).length / strangers.length;
  console.error(`${count}: strangers within ${within}: ${rate.toExponential(1)}`);
  const brute = await milliseconds((probe) => bruteForce(faces, probe, within), list);
  const row = [count.toLocaleString('en'), brute.toFixed(2)];
  for (const make of [() => new ExactIndex(dimension), () => new QuantisedIndex(dimension)]) {
    const before = memory();
    const index: VectorIndex = make();
    for (let i = 0; i < count; i += 10_000) {
      await index.add(
        faces.slice(i, i + 10_000).map((embedding, j) => ({ id: `${i + j}`, person: `${i + j}`, embedding })),
      );
    }
    const held = memory() - before;
    const search = (options: SearchOptions) => (probe: Float32Array) => index.search(probe, { limit, ...options });
    let equal = true;
    for (const probe of list) {
      for (const most of [within, Number.POSITIVE_INFINITY]) {
        const [got, expected] = [await index.search(probe, { limit, within: most }), bruteForce(faces, probe, most)];
        equal &&= JSON.stringify(got) === JSON.stringify(expected);
      }
    }
    const [strict, open] = [await milliseconds(search({ within }), list), await milliseconds(search({}), list)];
    row.push(strict.toFixed(2), open.toFixed(2), `${(held / 1e6).toFixed(1)} MB`, equal ? 'yes' : 'NO');
  }
  console.log(`| ${row.join(' | ')} |`);
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const counts = process.argv.slice(2).map(Number);
console.log(
  '| templates | brute force, ms | exact, ms | exact, any distance, ms | memory | equal | int8, ms | int8, any distance, ms | memory | equal |',
);
console.log('|-|-|-|-|-|-|-|-|-|-|');
for (const count of counts.length > 0 ? counts : [1e3, 1e4, 1e5, 1e6]) await measure(count);
