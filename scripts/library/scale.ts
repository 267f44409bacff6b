import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { FaceColumns } from '../../lib/library/people/columns.ts';
import { type NamedFaces, StudyLibrary } from './people.ts';
import { ResemblingFaces } from './resembling-faces.ts';

/** The cost of grouping many invented faces, five of each person. */
export interface ScaleResult {
  faces: number;
  /** Seconds of processor time of the neighbour graph, and of grouping. */
  graph: number;
  grouping: number;
  /** The longest time without a yield while grouping, in milliseconds of processor time. */
  longestTask: number;
  /** Peak memory without the faces themselves, in bytes. */
  memory: number;
  /** The share of the five nearest faces, if within the threshold, that the neighbour graph has. */
  recall: number;
  /** Milliseconds to read the columns of all faces, which opening a library does. */
  columns: number;
}

/** The number of photos of each invented person. */
const photosPerPerson = 5;

/** Invented faces that are distributed like those of a data set, in an order in which a person's photos are far apart. */
export function resemblingFaces(count: number, { embeddings, names }: NamedFaces): Float32Array[] {
  const people = new Map<string, Float32Array[]>();
  names.forEach((name, i) => {
    people.set(name, [...(people.get(name) ?? []), embeddings[i] as Float32Array]);
  });
  const generator = new ResemblingFaces([...people.values()]);
  const invented = Array.from({ length: Math.ceil(count / photosPerPerson) }, () => generator.person(photosPerPerson));
  const faces = Array.from({ length: photosPerPerson }, (_, i) => invented.map((photos) => photos[i] as Float32Array));
  return faces.flat().slice(0, count);
}

/** Measures the neighbour graph and the grouping of faces. */
export async function measureScale(
  faces: readonly Float32Array[],
  rule: ComparisonRule,
  far: number,
): Promise<ScaleResult> {
  globalThis.gc?.();
  const before = heldMemory();
  let peak = before;
  const library = new StudyLibrary(rule, far);
  const start = process.cpuUsage().user;
  for (const [i, embedding] of faces.entries()) {
    library.add(embedding, i);
    if (i % 1000 === 0) peak = Math.max(peak, heldMemory());
  }
  const graphed = process.cpuUsage().user;
  let [last, longest] = [graphed, 0];
  let isGrouping = true;
  const endTask = () => {
    const now = process.cpuUsage().user;
    longest = Math.max(longest, now - last);
    last = now;
    peak = Math.max(peak, heldMemory());
    if (isGrouping) setImmediate(endTask);
  };
  endTask();
  await library.regroup();
  isGrouping = false;
  peak = Math.max(peak, heldMemory());
  const end = process.cpuUsage().user;
  const { columns } = library.state;
  const rows = columns.changedRows();
  const read = performance.now();
  FaceColumns.fromRows(rows, columns.size);
  const columnTime = performance.now() - read;
  return {
    faces: faces.length,
    graph: (graphed - start) / 1e6,
    grouping: (end - graphed) / 1e6,
    longestTask: longest / 1e3,
    // The graph's embeddings are in a memory of WebAssembly, which Node.js does not count.
    memory: peak - before + faces.length * rule.dimension * Float32Array.BYTES_PER_ELEMENT,
    recall: recallOf(library, thresholdFor(far, rule.calibration)),
    columns: columnTime,
  };
}

/** The number of nearest faces whose recall is measured: a person has five. */
const nearestCount = 5;

/** Compares the lists of every 500th face with an exact search. */
function recallOf({ graph }: StudyLibrary, within: number): number {
  let [found, present] = [0, 0];
  for (let face = 0; face < graph.size; face += 500) {
    const listed = new Set<number>();
    graph.lists.forEach(face, within, (other) => listed.add(other));
    const near: { other: number; distance: number }[] = [];
    for (let other = 0; other < graph.size; other++) {
      const distance = other === face ? Number.POSITIVE_INFINITY : graph.distance(face, other);
      if (distance <= within) near.push({ other, distance });
    }
    const nearest = near.sort((a, b) => a.distance - b.distance).slice(0, nearestCount);
    present += nearest.length;
    found += nearest.filter(({ other }) => listed.has(other)).length;
  }
  return found / present;
}

function heldMemory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
