import { clusterFaces } from '../../lib/clustering/cluster.ts';
import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import type { Question } from '../../lib/library/model/types.ts';
import { FaceColumns } from '../../lib/library/people/columns.ts';
import { type ComparedPairs, comparePairs } from '../../lib/library/people/compare-pairs.ts';
import { mergePeople, separatePeople } from '../../lib/library/people/corrections.ts';
import { Edit } from '../../lib/library/people/edit.ts';
import { placeFaces, regroupFaces } from '../../lib/library/people/grouping.ts';
import { rankQuestions } from '../../lib/library/people/questions.ts';
import { PeopleState } from '../../lib/library/people/state.ts';
import { FaceGraph } from '../../lib/neighbours/face-graph.ts';
import { labelsOf } from '../clustering/labels.ts';

/** Faces with the names of their people, each from a photo of its own. */
export interface NamedFaces {
  embeddings: Float32Array[];
  names: string[];
}

/** The faces of a library without storage, grouped as a library groups them. */
export class StudyLibrary {
  readonly state = new PeopleState(new FaceColumns(), [], [], 1);
  readonly graph: FaceGraph;
  readonly #rule: ComparisonRule;
  readonly #far: number;

  constructor(rule: ComparisonRule, far: number) {
    this.#rule = rule;
    this.#far = far;
    this.graph = new FaceGraph(rule.dimension, rule.metric, thresholdFor(1e-2, rule.calibration));
  }

  /** A library of faces that were added at once. */
  static async grouped({ embeddings }: NamedFaces, rule: ComparisonRule, far: number): Promise<StudyLibrary> {
    const library = new StudyLibrary(rule, far);
    for (const [i, embedding] of embeddings.entries()) library.add(embedding, i);
    await library.place(embeddings.map((_, i) => i));
    await library.regroup();
    return library;
  }

  get #grouping() {
    return { within: thresholdFor(this.#far, this.#rule.calibration), withinPhoto: -1 };
  }

  /** Adds a face. @param order its place in an order that does not depend on the order of arrival. */
  add(embedding: Float32Array, order: number): number {
    this.graph.add(embedding);
    return this.state.columns.append({ photo: order, time: 0, order, person: 0, flags: 0 });
  }

  place(faces: readonly number[]): Promise<void> {
    return placeFaces(new Edit(this.state), this.graph, faces, this.#grouping);
  }

  regroup(): Promise<void> {
    return regroupFaces(new Edit(this.state), this.graph, this.#grouping);
  }

  /** The best questions. @param limit their maximum number. */
  questions(limit = Number.POSITIVE_INFINITY): Promise<Question[]> {
    return rankQuestions(this.state, this.graph, this.#rule.calibration, { limit });
  }

  /** The pairs of people that can be asked about. */
  compare(): Promise<ComparedPairs> {
    const { state, graph } = this;
    return comparePairs({ state, graph, calibration: this.#rule.calibration }, -1, undefined);
  }

  people(): number[] {
    const { columns } = this.state;
    return [...columns.person.subarray(0, columns.size)];
  }

  /** The name of most faces of a person: what a user who looks at the faces would say. */
  majority(person: number, names: readonly string[]): string | undefined {
    const counts = new Map<string, number>();
    for (const face of this.state.columns.facesOf(person)) {
      const name = names[face] as string;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  }
}

/**
 * The BCubed F of the library's groups, of the exact method with the same rate, and of faces that arrive in another order; and the
 * agreement with groups in which the last twentieth of the faces joined without a grouping of all.
 */
export async function compareWithExact({ embeddings, names }: NamedFaces, rule: ComparisonRule, far: number) {
  const arrival = embeddings.map((_, i) => i);
  const inOrder = await grouped(embeddings, arrival, rule, far);
  const joined = await grouped(embeddings, arrival, rule, far, Math.floor((19 / 20) * arrival.length));
  const order = shuffled(arrival, seeded(2));
  const inOtherOrder = await grouped(embeddings, order, rule, far);
  const faces = embeddings.map((embedding) => ({ embedding, model: rule.model }));
  const exact = labelsOf(await clusterFaces(faces, { rule }, { far }));
  const score = (labels: number[]) => bCubedScore(labels, names);
  return {
    library: score(inOrder),
    otherOrder: score(inOtherOrder),
    exact: score(exact),
    agreement: bCubedScore(inOrder, inOtherOrder.map(String)),
    joinedAgreement: bCubedScore(inOrder, joined.map(String)),
  };
}

/** Adds faces 25 at a time. @param last the number of faces after which all are grouped for the last time. */
async function grouped(
  embeddings: readonly Float32Array[],
  order: readonly number[],
  rule: ComparisonRule,
  far: number,
  last = order.length,
) {
  const library = new StudyLibrary(rule, far);
  for (let start = 0; start < order.length; ) {
    const end = start < last ? Math.min(start + 25, last) : start + 25;
    const batch = order.slice(start, end);
    await library.place(batch.map((i) => library.add(embeddings[i] as Float32Array, i)));
    if (end === last) await library.regroup();
    start = end;
  }
  const people = library.people();
  const labels: number[] = [];
  order.forEach((face, i) => {
    labels[face] = people[i] as number;
  });
  return labels;
}

/** How the next question is chosen: the library's way, or the largest people first. */
export type Strategy = 'library' | 'size';

/** A question that was asked, with the answer. */
export interface Asked {
  probability: number;
  same: boolean;
}

/**
 * Answers questions by the names until the BCubed F is reached and `min` questions were asked.
 *
 * @returns the F after each question, and what was asked.
 */
export async function askUntil(
  mixture: NamedFaces,
  rule: ComparisonRule,
  { far, target, strategy, min, max }: { far: number; target: number; strategy: Strategy; min: number; max: number },
): Promise<{ scores: number[]; asked: Asked[] }> {
  const { names } = mixture;
  const library = await StudyLibrary.grouped(mixture, rule, far);
  const scores = [bCubedScore(library.people(), names).f];
  const asked: Asked[] = [];
  while (asked.length < max && (asked.length < min || (scores.at(-1) as number) < target)) {
    const question = await nextOf(library, strategy);
    if (!question) break;
    const { people, probability } = question;
    const [a, b] = people.map((person) => library.majority(person, names));
    const edit = new Edit(library.state);
    if (a === b) mergePeople(edit, people);
    else separatePeople(edit, people[0], people[1]);
    asked.push({ probability, same: a === b });
    scores.push(bCubedScore(library.people(), names).f);
  }
  return { scores, asked };
}

async function nextOf(library: StudyLibrary, strategy: Strategy): Promise<Question | undefined> {
  if (strategy === 'library') return (await library.questions(1))[0];
  const size = ({ people }: Question) =>
    people.reduce((sum, person) => sum + library.state.columns.facesOf(person).length, 0);
  return (await library.questions()).sort((a, b) => size(b) - size(a))[0];
}
