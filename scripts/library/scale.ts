import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import { FaceColumns } from '../../lib/library/people/columns.ts';
import { syntheticFaces } from '../clustering/methods.ts';
import { StudyLibrary } from './people.ts';

/** The cost of grouping many invented faces, five of each person. */
export interface ScaleResult {
  faces: number;
  /** Seconds of processor time of the neighbour graph, and of grouping. */
  graph: number;
  grouping: number;
  /** Peak memory without the faces themselves, in bytes. */
  memory: number;
  bCubed: number;
  /** Milliseconds to read the columns of all faces, which opening a library does. */
  columns: number;
}

/** Measures the neighbour graph and the grouping of faces with the distances of an embedder. */
export async function measureScale(count: number, rule: ComparisonRule, far: number): Promise<ScaleResult> {
  const { faces, people } = syntheticFaces(count, rule);
  globalThis.gc?.();
  const before = heldMemory();
  let peak = before;
  const library = new StudyLibrary(rule, far);
  const start = process.cpuUsage().user;
  for (const [i, { embedding }] of faces.entries()) {
    library.add(embedding, i);
    if (i % 1000 === 0) peak = Math.max(peak, heldMemory());
  }
  const graphed = process.cpuUsage().user;
  const timer = setInterval(() => {
    peak = Math.max(peak, heldMemory());
  }, 20);
  await library.regroup();
  clearInterval(timer);
  peak = Math.max(peak, heldMemory());
  const end = process.cpuUsage().user;
  const { columns } = library.state;
  const rows = columns.takeChanged();
  const read = performance.now();
  FaceColumns.fromRows(rows, columns.size);
  return {
    faces: count,
    graph: (graphed - start) / 1e6,
    grouping: (end - graphed) / 1e6,
    memory: peak - before,
    bCubed: bCubedScore(library.people(), people).f,
    columns: performance.now() - read,
  };
}

function heldMemory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
