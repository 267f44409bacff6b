import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { FaceGraph } from '../../lib/neighbours/face-graph.ts';
import { openPage, type Server, withProfile } from '../kit/browser.ts';
import { measureCost } from '../kit/cost.ts';
import { repositoryPath } from '../kit/paths.ts';
import { processMemory, processSeconds } from '../kit/process-memory.ts';
import { withServer } from '../kit/server.ts';
import { buildIndex, type Index, openIndex, type PageGraph, searchIndex } from './neighbours-page.ts';

/** The cost and the recall of a graph of nearest neighbours. */
export interface NeighbourResult {
  graph: string;
  /** Seconds of processor time to add all faces, one after another. */
  build: number;
  /** The share of the ten nearest faces that a search finds. */
  recall: number;
  /** Milliseconds of processor time of a search. */
  search: number;
  /** The growth of the browser's memory by the graph with its embeddings, in bytes. The heap of Node.js has free space from before. */
  memory?: number;
  /** The bytes of its code. */
  code: number;
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

/** A face that is searched for, and its nearest others. */
interface Probe {
  face: number;
  near: ReadonlySet<number>;
}

/**
 * Measures the library's graph in Node.js and in Chromium, and hnswlib where its packages are installed: `hnswlib-node`, which is native
 * code, and `hnswlib-wasm`, which runs in pages only. Neither is a dependency.
 *
 * @param faces embeddings of length 1.
 * @param packages a folder with node_modules.
 */
export async function measureNeighbours(
  faces: readonly Float32Array[],
  { dimension, metric }: ComparisonRule,
  packages: string,
): Promise<NeighbourResult[]> {
  const probes: Probe[] = [];
  for (let face = 0; face < faces.length; face += probeStep) probes.push({ face, near: nearestTo(faces, face) });
  const folder = mkdtempSync(join(tmpdir(), 'facenet-neighbours-'));
  try {
    const bundle = join(folder, 'face-graph.js');
    await build({
      entryPoints: [repositoryPath('lib/neighbours/face-graph.ts')],
      outfile: bundle,
      bundle: true,
      minify: true,
      format: 'esm',
      logLevel: 'error',
    });
    const own = (): Index => {
      const graph = new FaceGraph(dimension, metric, Number.POSITIVE_INFINITY);
      return {
        add: (embedding) => graph.add(embedding),
        nearest: (embedding, limit) => graph.nearest(embedding, limit).map(({ face }) => face),
      };
    };
    const code = statSync(bundle).size;
    const results = [{ graph: 'the library, in Node.js', code, ...(await measureIndex(own, faces, probes)) }];
    const native = await openHnswLib(packages, dimension, faces.length);
    const parameters = 'M 12, efConstruction 80';
    if (native) {
      const cost = await measureIndex(native.open, faces, probes);
      results.push({ graph: `hnswlib-node, ${parameters}, in Node.js`, code: native.code, ...cost });
    }
    writeEmbeddings(join(folder, 'embeddings'), faces);
    const wasm = join(packages, 'node_modules/hnswlib-wasm/dist');
    await withServer({ '/study': folder, '/hnswlib-wasm': wasm }, {}, async (server) => {
      const inPage = (graph: PageGraph) => measureInPage(server, graph, dimension, probes);
      results.push({ graph: 'the library, in Chromium', code, ...(await inPage('library')) });
      if (!existsSync(wasm)) return;
      const files = readdirSync(wasm).filter((name) => name.endsWith('.js'));
      const size = files.reduce((sum, name) => sum + statSync(join(wasm, name)).size, 0);
      results.push({
        graph: `hnswlib-wasm, ${parameters}, in Chromium`,
        code: size,
        ...(await inPage('hnswlib-wasm')),
      });
    });
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openHnswLib(
  packages: string,
  dimension: number,
  size: number,
): Promise<{ open: () => Index; code: number } | undefined> {
  const folder = join(packages, 'node_modules/hnswlib-node');
  if (!existsSync(folder)) return undefined;
  const { HierarchicalNSW }: HnswLib = createRequire(join(folder, 'package.json'))(folder);
  const open = (): Index => {
    const index = new HierarchicalNSW('ip', dimension);
    index.initIndex({ maxElements: size, m: 12, efConstruction: 80 });
    index.setEf(candidates);
    return {
      add: (embedding, label) => index.addPoint([...embedding], label),
      nearest: (embedding, limit) => index.searchKnn([...embedding], limit).neighbors,
    };
  };
  return { open, code: statSync(join(folder, 'build/Release/addon.node')).size };
}

type Measured = Omit<NeighbourResult, 'graph' | 'code'>;

async function measureIndex(
  open: () => Index,
  faces: readonly Float32Array[],
  probes: readonly Probe[],
): Promise<Measured> {
  const { result: index, seconds } = await measureCost(() => {
    const opened = open();
    for (const [label, embedding] of faces.entries()) opened.add(embedding, label);
    return opened;
  });
  // The face itself is among them.
  const searched = await measureCost(() =>
    probes.map(({ face }) => index.nearest(faces[face] as Float32Array, count + 1)),
  );
  return {
    build: seconds,
    recall: recallOf(probes, searched.result),
    search: (1e3 * searched.seconds) / probes.length,
  };
}

/** The processor time and the memory are those of the browser's processes. */
function measureInPage(
  server: Server,
  graph: PageGraph,
  dimension: number,
  probes: readonly Probe[],
): Promise<Measured> {
  return withProfile(async (context, profile) => {
    const page = await openPage(context, server);
    await page.evaluate(`globalThis.openIndex = ${openIndex}`);
    await page.evaluate(([graph, options]) => openIndex(graph, options), [graph, { dimension, candidates }] as const);
    const [before, start] = [processMemory(profile), processSeconds(profile)];
    await page.evaluate(buildIndex);
    const [memory, built] = [processMemory(profile) - before, processSeconds(profile)];
    const found = await page.evaluate(searchIndex, { probes: probes.map(({ face }) => face), count: count + 1 });
    const search = (1e3 * (processSeconds(profile) - built)) / probes.length;
    return { build: built - start, recall: recallOf(probes, found), search, memory };
  });
}

function recallOf(probes: readonly Probe[], found: readonly (readonly number[])[]): number {
  const hits = probes.map(({ near }, i) => (found[i] ?? []).filter((label) => near.has(label)).length);
  return hits.reduce((sum, hit) => sum + hit, 0) / (probes.length * count);
}

function writeEmbeddings(file: string, faces: readonly Float32Array[]): void {
  writeFileSync(file, new Float32Array(faces.flatMap((embedding) => [...embedding])));
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
