import type { FaceGraph as FaceGraphClass } from '../../lib/neighbours/face-graph.ts';

/** The graphs that are measured in the page. */
export type PageGraph = 'library' | 'hnswlib-wasm';

/** An index of nearest neighbours under test. */
export interface Index {
  add(embedding: Float32Array, label: number): void;
  nearest(embedding: Float32Array, count: number): readonly number[];
}

/** The parts of `hnswlib-wasm` that are used. */
interface HnswLibWasm {
  HierarchicalNSW: new (
    space: 'ip',
    dimension: number,
    file: string,
  ) => {
    initIndex(maxElements: number, m: number, efConstruction: number, seed: number): void;
    setEfSearch(candidates: number): void;
    addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void;
    searchKnn(point: Float32Array, count: number, filter: undefined): { neighbors: number[] };
  };
}

/** What the page keeps between calls. */
interface Study {
  faces: Float32Array[];
  index: Index;
}

/** Runs in the page: reads the embeddings and opens an empty index. */
export async function openIndex(
  graph: PageGraph,
  { dimension, candidates }: { dimension: number; candidates: number },
): Promise<void> {
  const numbers = new Float32Array(await (await fetch('/study/embeddings')).arrayBuffer());
  const faces: Float32Array[] = [];
  for (let at = 0; at < numbers.length; at += dimension) faces.push(numbers.subarray(at, at + dimension));
  const addresses = { library: '/study/face-graph.js', 'hnswlib-wasm': '/hnswlib-wasm/hnswlib.js' };
  const module = await import(addresses[graph]);
  let index: Index;
  if (graph === 'library') {
    const own = new (module as { FaceGraph: typeof FaceGraphClass }).FaceGraph(
      dimension,
      'cosine',
      Number.POSITIVE_INFINITY,
    );
    index = {
      add: (embedding) => own.add(embedding),
      nearest: (embedding, limit) => own.nearest(embedding, limit).map(({ face }) => face),
    };
  } else {
    const library: HnswLibWasm = await module.loadHnswlib();
    const theirs = new library.HierarchicalNSW('ip', dimension, '');
    theirs.initIndex(faces.length, 12, 80, 100);
    theirs.setEfSearch(candidates);
    index = {
      add: (embedding, label) => theirs.addPoint(embedding, label, false),
      nearest: (embedding, limit) => theirs.searchKnn(embedding, limit, undefined).neighbors,
    };
  }
  Object.assign(globalThis, { study: { faces, index } satisfies Study });
}

/** Runs in the page: adds all embeddings. */
export function buildIndex(): void {
  const { faces, index } = (globalThis as unknown as { study: Study }).study;
  for (const [label, embedding] of faces.entries()) index.add(embedding, label);
}

/** Runs in the page: the nearest embeddings of each probe, by their numbers. */
export function searchIndex({ probes, count }: { probes: number[]; count: number }): (readonly number[])[] {
  const { faces, index } = (globalThis as unknown as { study: Study }).study;
  return probes.map((probe) => index.nearest(faces[probe] as Float32Array, count));
}
