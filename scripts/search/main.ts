// Measures the search indexes of facenet-web/gallery on synthetic embeddings, and prints the table of docs/search.md.
import { euclideanDistance } from '../../lib/comparison/distance.ts';
import { ExactIndex } from '../../lib/gallery/search/exact.ts';
import { QuantisedIndex } from '../../lib/gallery/search/quantised.ts';
import type { Neighbour, SearchOptions, VectorIndex } from '../../lib/gallery/search/vector-index.ts';
import { runCommand } from '../kit/command.ts';
import { SyntheticEmbeddings, syntheticThreshold } from '../kit/synthetic-embeddings.ts';

const usage = `usage: node --expose-gc --import tsx scripts/search/main.ts [TEMPLATES …]

TEMPLATES  the sizes of the galleries; default 1000 10000 100000 1000000`;

const dimension = 128;
const probeCount = 20;
const limit = 10;
const synthetic = new SyntheticEmbeddings(dimension);

runCommand(usage, async () => {
  const counts = process.argv.slice(2).map(Number);
  console.log(
    '| faces | brute force, ms | exact, ms | exact, any distance, ms | memory | equal | int8, ms | int8, any distance, ms | memory | equal |',
  );
  console.log('|-|-|-|-|-|-|-|-|-|-|');
  for (const count of counts.length > 0 ? counts : [1e3, 1e4, 1e5, 1e6]) console.log(await measure(count));
  return undefined;
});

/** A row of the table. */
async function measure(count: number): Promise<string> {
  const faces = Array.from({ length: count }, () => synthetic.newPerson());
  const probes = Array.from({ length: probeCount }, (_, i) =>
    synthetic.samePerson(faces[(i * 7919) % count] as Float32Array),
  );
  reportImpostorRate(faces);
  const bruteForceMs = await timeSearch((probe) => bruteForce(faces, probe, syntheticThreshold), probes);
  const cells = [count.toLocaleString('en'), bruteForceMs.toFixed(2)];
  for (const create of [() => new ExactIndex(dimension), () => new QuantisedIndex(dimension)]) {
    const before = heldMemory();
    const index: VectorIndex = create();
    for (let i = 0; i < count; i += 10_000) {
      await index.add(
        faces.slice(i, i + 10_000).map((embedding, j) => ({ id: `${i + j}`, person: `${i + j}`, embedding })),
      );
    }
    const memory = heldMemory() - before;
    const search = (options: SearchOptions) => (probe: Float32Array) => index.search(probe, { limit, ...options });
    const equal = await equalsBruteForce(index, faces, probes);
    const withinMs = await timeSearch(search({ within: syntheticThreshold }), probes);
    const anyMs = await timeSearch(search({}), probes);
    cells.push(withinMs.toFixed(2), anyMs.toFixed(2), `${(memory / 1e6).toFixed(1)} MB`, equal ? 'yes' : 'NO');
  }
  return `| ${cells.join(' | ')} |`;
}

/** Prints the fraction of impostor pairs within the threshold, which should be near 0.001. */
function reportImpostorRate(faces: readonly Float32Array[]): void {
  const distances = faces.slice(0, 500).flatMap((a, i) => faces.slice(0, i).map((b) => euclideanDistance(a, b)));
  const rate = distances.filter((distance) => distance <= syntheticThreshold).length / distances.length;
  console.error(`${faces.length}: impostor pairs within ${syntheticThreshold}: ${rate.toExponential(1)}`);
}

function bruteForce(faces: readonly Float32Array[], probe: Float32Array, maxDistance: number): Neighbour[] {
  const found: Neighbour[] = [];
  faces.forEach((face, i) => {
    const distance = euclideanDistance(face, probe);
    if (distance > maxDistance || distance >= (found[limit - 1]?.distance ?? Number.POSITIVE_INFINITY)) return;
    found.push({ id: `${i}`, person: `${i}`, distance });
    found.sort((a, b) => a.distance - b.distance);
    if (found.length > limit) found.pop();
  });
  return found;
}

async function equalsBruteForce(
  index: VectorIndex,
  faces: readonly Float32Array[],
  probes: readonly Float32Array[],
): Promise<boolean> {
  let equal = true;
  for (const probe of probes) {
    for (const within of [syntheticThreshold, Number.POSITIVE_INFINITY]) {
      const result = await index.search(probe, { limit, within });
      equal &&= JSON.stringify(result) === JSON.stringify(bruteForce(faces, probe, within));
    }
  }
  return equal;
}

/** The mean milliseconds of a search. */
async function timeSearch(search: (probe: Float32Array) => unknown, probes: readonly Float32Array[]): Promise<number> {
  for (const probe of probes.slice(0, 3)) await search(probe);
  const start = performance.now();
  for (const probe of probes) await search(probe);
  return (performance.now() - start) / probes.length;
}

function heldMemory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
