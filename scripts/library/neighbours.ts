import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { FaceGraph } from '../../lib/neighbours/face-graph.ts';

/** The cost and the recall of a graph of nearest neighbours. */
export interface NeighbourResult {
  graph: string;
  /** Seconds of processor time to add all faces, one after another. */
  build: number;
  /** The share of the ten nearest faces that a search finds. */
  recall: number;
  /** Milliseconds of a search. */
  search: number;
}

/** An index of nearest neighbours under test. */
interface Index {
  add(embedding: Float32Array, label: number): void;
  nearest(embedding: Float32Array, count: number): readonly number[];
}

/** The parts of `hnswlib-node` that are used. */
interface HnswLib {
  HierarchicalNSW: new (
    space: 'ip',
    dimension: number,
  ) => {
    initIndex(options: { maxElements: number; m: number; efConstruction: number }): void;
    setEf(candidates: number): void;
    addPoint(point: number[], label: number): void;
    searchKnn(point: number[], count: number): { neighbors: number[] };
  };
}

/** The number of nearest faces that are searched for. */
const count = 10;

/** The number of candidates of a search: that of `FaceGraph.nearest`. */
const candidates = 200;

/** The step between the faces that are searched for: every 500th. */
const probeStep = 500;

/**
 * Measures the library's graph, and hnswlib where the package `hnswlib-node` is installed, which is native code and no dependency.
 *
 * @param faces embeddings of length 1.
 */
export async function measureNeighbours(
  faces: readonly Float32Array[],
  { dimension, metric }: ComparisonRule,
): Promise<NeighbourResult[]> {
  const probes = faces.flatMap((embedding, i) =>
    i % probeStep === 0 ? [{ embedding, near: nearestTo(faces, i) }] : [],
  );
  const graph = new FaceGraph(dimension, metric, Number.POSITIVE_INFINITY);
  const own: Index = {
    add: (embedding) => graph.add(embedding),
    nearest: (embedding, limit) => graph.nearest(embedding, limit).map(({ face }) => face),
  };
  const results = [measureIndex('the library, with WebAssembly', own, faces, probes)];
  const hnswlib = await openHnswLib(dimension, faces.length);
  if (!hnswlib) {
    process.stderr.write('hnswlib was not measured: "npm install --no-save hnswlib-node" installs it.\n');
    return results;
  }
  return [...results, measureIndex('hnswlib-node, M 12, efConstruction 80', hnswlib, faces, probes)];
}

async function openHnswLib(dimension: number, size: number): Promise<Index | undefined> {
  const name: string = 'hnswlib-node';
  const module: { default: HnswLib } | undefined = await import(name).catch(() => undefined);
  if (!module) return undefined;
  const index = new module.default.HierarchicalNSW('ip', dimension);
  index.initIndex({ maxElements: size, m: 12, efConstruction: 80 });
  index.setEf(candidates);
  return {
    add: (embedding, label) => index.addPoint([...embedding], label),
    nearest: (embedding, limit) => index.searchKnn([...embedding], limit).neighbors,
  };
}

interface Probe {
  embedding: Float32Array;
  near: ReadonlySet<number>;
}

function measureIndex(
  graph: string,
  index: Index,
  faces: readonly Float32Array[],
  probes: readonly Probe[],
): NeighbourResult {
  const start = process.cpuUsage().user;
  for (const [label, embedding] of faces.entries()) index.add(embedding, label);
  const built = process.cpuUsage().user;
  let found = 0;
  for (const { embedding, near } of probes) {
    // The face itself is among them.
    const others = index.nearest(embedding, count + 1);
    found += others.filter((label) => near.has(label)).length;
  }
  const searched = process.cpuUsage().user;
  return {
    graph,
    build: (built - start) / 1e6,
    recall: found / (probes.length * count),
    search: (searched - built) / 1e3 / probes.length,
  };
}

/** The nearest other faces of a face, by comparing it with all. */
function nearestTo(faces: readonly Float32Array[], face: number): Set<number> {
  const probe = faces[face] as Float32Array;
  const similarities = Float32Array.from(faces, (other) => dot(probe, other));
  similarities[face] = Number.NEGATIVE_INFINITY;
  const order = Uint32Array.from(faces, (_, i) => i).sort(
    (a, b) => (similarities[b] as number) - (similarities[a] as number),
  );
  return new Set(order.subarray(0, count));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
