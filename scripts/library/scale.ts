import { clusterFaces } from '../../lib/clustering/cluster.ts';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import { FaceColumns } from '../../lib/library/people/columns.ts';
import { labelsOf } from '../clustering/labels.ts';
import { type Cost, measureCost } from '../kit/cost.ts';
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
  /** Peak of the resident memory while faces are added and grouped, without the caller's embeddings, in bytes. */
  memory: number;
  /** The share of the five nearest faces, if within the threshold, that the neighbour graph has. */
  recall: number;
  /** The BCubed F of the groups against the invented people. */
  f: number;
  /** That of groups by the links of all pairs. */
  exactF?: number;
  /** The cost of the next question. */
  question: Cost<unknown>;
  /** Milliseconds to read the columns of all faces, which opening a library does. */
  columns: number;
}

/** The number of photos of each invented person. */
const photosPerPerson = 5;

/** Invented faces that are distributed like those of a data set, in an order in which a person's photos are far apart. */
export function resemblingFaces(count: number, { embeddings, names }: NamedFaces): NamedFaces {
  const people = new Map<string, Float32Array[]>();
  names.forEach((name, i) => {
    people.set(name, [...(people.get(name) ?? []), embeddings[i] as Float32Array]);
  });
  const generator = new ResemblingFaces([...people.values()]);
  const invented = Array.from({ length: Math.ceil(count / photosPerPerson) }, () => generator.person(photosPerPerson));
  const faces = Array.from({ length: photosPerPerson }, (_, i) => invented.map((photos) => photos[i] as Float32Array));
  return {
    embeddings: faces.flat().slice(0, count),
    names: Array.from({ length: count }, (_, i) => `${i % invented.length}`),
  };
}

/** What {@link measureScale} measures by. */
export interface ScaleOptions {
  /** The person of each face. */
  names: string[];
  rule: ComparisonRule;
  far: number;
  /** Whether the groups are compared with those of the exact method, whose time is quadratic. */
  isCompared: boolean;
}

/** Measures the neighbour graph, the grouping of faces and the next question. */
export async function measureScale(
  embeddings: readonly Float32Array[],
  { names, rule, far, isCompared }: ScaleOptions,
): Promise<ScaleResult> {
  const library = new StudyLibrary(rule, far);
  let graph = 0;
  let longest = 0;
  const { seconds, memory } = await measureCost(async () => {
    const start = process.cpuUsage().user;
    for (const [i, embedding] of embeddings.entries()) library.add(embedding, i);
    graph = (process.cpuUsage().user - start) / 1e6;
    longest = await longestTask(() => library.regroup());
  });
  const question = await measureCost(() => library.questions(1));
  const { columns } = library.state;
  const rows = columns.changedRows();
  const read = performance.now();
  FaceColumns.fromRows(rows, columns.size);
  const columnTime = performance.now() - read;
  return {
    faces: embeddings.length,
    graph,
    grouping: seconds - graph,
    longestTask: longest,
    memory,
    recall: recallOf(library, thresholdFor(far, rule.calibration)),
    f: bCubedScore(library.people(), names).f,
    ...(isCompared && { exactF: bCubedScore(await exactLabels(embeddings, rule, far), names).f }),
    question,
    columns: columnTime,
  };
}

/** The longest time of a task without a yield, in milliseconds of processor time. */
async function longestTask(task: () => Promise<void>): Promise<number> {
  let [last, longest] = [process.cpuUsage().user, 0];
  let isDone = false;
  const endTask = () => {
    const now = process.cpuUsage().user;
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(endTask);
  };
  endTask();
  await task();
  isDone = true;
  return longest / 1e3;
}

/** The groups by the links of all pairs. */
async function exactLabels(embeddings: readonly Float32Array[], rule: ComparisonRule, far: number): Promise<number[]> {
  const faces = embeddings.map((embedding) => ({ embedding, model: rule.model }));
  return labelsOf(await clusterFaces(faces, { rule }, { far }));
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
