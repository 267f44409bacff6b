import { yieldToEventLoop } from '../../core/cancellation.ts';
import { seeded } from '../../core/random.ts';
import type { Calibration } from '../../core/types.ts';
import { dot } from '../../core/vectors.ts';
import { fitCalibration, type ScoredPair } from '../../evaluation/index.ts';
import { identityBatches } from '../triplets/sampler.ts';
import { countTriplets, type PersonLabel, placesByPerson, type TripletCounts } from '../triplets/triplets.ts';
import { Adam } from './adam.ts';
import {
  type ComputeObjective,
  contrastiveObjective,
  cosineObjective,
  defaultMargins,
  tripletObjective,
} from './objectives.ts';
import { principalDirections } from './principal.ts';
import { initialProjection, type Projection, project, projectionGradient } from './projection.ts';
import { splitPeople } from './split.ts';
import type { HeadEpoch, HeadOptions, HeadReport, HeadValidation } from './types.ts';
import { scoredPairs, validate } from './validation.ts';

/** Options that were checked and completed; plain data, which crosses to a worker. */
export type TrainingPlan = Required<Omit<HeadOptions, 'signal' | 'onEpoch' | 'worker'>>;

/** What training is given; plain data. */
export interface TrainingTask {
  vectors: readonly Float32Array[];
  labels: readonly PersonLabel[];
  plan: TrainingPlan;
}

/** What comes of it; plain data. */
export interface TrainingResult {
  projection: Projection;
  calibration: Calibration | undefined;
  report: HeadReport;
}

/** Faces with whose they are. */
interface Faces {
  vectors: readonly Float32Array[];
  labels: readonly PersonLabel[];
}

/** A loss, and how one step goes against its gradient. */
interface Learner {
  compute: ComputeObjective;
  learn: (gradient: Float64Array) => void;
}

/** How many faces a mini-batch shows: of people with positives, and of others as further negatives. */
const [batchFaces, otherFaces] = [128, 64];

/** The most pairs of strangers that are compared after every epoch, and to calibrate by. */
const [pairsPerEpoch, pairsToCalibrate] = [20_000, 400_000];

/** The fewest pairs that a calibration is fitted to: of two people enough to tell a false-accept rate of 1 % by ten accepts. */
const fewestPairs = { same: 30, different: 1000 };

/**
 * Trains a head in the thread in which it is called, in slices, between which whoever else waits for this thread has a turn.
 *
 * @throws {FaceNetError} `examples-too-few`; `signal.reason` when aborted.
 */
export async function train(
  { vectors, labels, plan }: TrainingTask,
  onEpoch: (epoch: HeadEpoch) => void,
  signal?: AbortSignal,
): Promise<TrainingResult> {
  const random = seeded(plan.seed);
  const split = splitPeople(labels, plan.heldOut, random);
  const [learned, heldOut] = [facesOf({ vectors, labels }, split.learned), facesOf({ vectors, labels }, split.heldOut)];
  const shape = { inputs: vectors[0]?.length ?? 0, outputs: plan.dimension, hidden: plan.hidden };
  const projection = initialProjection(shape, learned.vectors, random);
  const learner = learnerOf(plan, projection, learned, random);
  const { batches, steps } = batchesOf(learned.labels, random);
  const draw = plan.plot ? plotter(projection, vectors, plan.seed) : () => undefined;

  let best: { epoch: number; validation: HeadValidation | undefined; numbers: Float64Array } | undefined;
  let before: HeadValidation | undefined;
  for (let epoch = 0; ; epoch++) {
    const triplets: TripletCounts = { valid: 0, hard: 0, semiHard: 0, active: 0 };
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      await yieldToEventLoop(signal);
      const batch = facesOf(learned, batches.next().value as number[]);
      const projected = project(projection, batch.vectors);
      const objective = learner.compute(projected.units, batch.labels);
      loss += objective.loss / steps;
      addCounts(
        triplets,
        countTriplets(
          projected.units.map((unit) => Float32Array.from(unit)),
          batch.labels,
          tripletMargin(plan),
        ),
      );
      // Epoch 0 only looks.
      if (epoch > 0) learner.learn(projectionGradient(projection, batch.vectors, projected, objective.slopes));
    }
    const validation =
      plan.heldOut > 0
        ? validate(scoredPairs(project(projection, heldOut.vectors).units, heldOut.labels, pairsPerEpoch))
        : undefined;
    before ??= validation;
    onEpoch({ epoch, loss, triplets, validation, plot: draw() });
    if (!best?.validation || !validation || isBetter(validation, best.validation)) {
      best = { epoch, validation, numbers: projection.numbers.slice() };
    }
    const stopped = reasonToStop(plan, epoch, loss, best.epoch);
    if (!stopped) continue;
    projection.numbers.set(best.numbers);
    const pairs = scoredPairs(project(projection, heldOut.vectors).units, heldOut.labels, pairsToCalibrate);
    const after = plan.heldOut > 0 ? validate(pairs) : undefined;
    const counts = { learned: countOf(learned), heldOut: countOf(heldOut) };
    return {
      projection,
      calibration: calibrated(pairs),
      report: { bestEpoch: best.epoch, epochs: epoch, stopped, ...counts, before, after },
    };
  }
}

/** What distances mean, where enough pairs tell. */
function calibrated(pairs: readonly ScoredPair[]): Calibration | undefined {
  const same = pairs.filter((pair) => pair.same).length;
  const enough = same >= fewestPairs.same && pairs.length - same >= fewestPairs.different;
  return enough ? fitCalibration(pairs) : undefined;
}

function reasonToStop(
  { epochs, patience }: TrainingPlan,
  epoch: number,
  loss: number,
  best: number,
): HeadReport['stopped'] | undefined {
  if (epoch === epochs) return 'epochs';
  if (epoch - best >= patience) return 'patience';
  return loss === 0 ? 'no-loss' : undefined;
}

/** Fewer errors are better; of as many the wider separation, which still tells heads apart where few people leave no errors. */
function isBetter(a: HeadValidation, b: HeadValidation): boolean {
  if (a.equalErrorRate !== b.equalErrorRate) return a.equalErrorRate < b.equalErrorRate;
  return a.decidability > b.decidability;
}

/** What the loss learns: the head, and with the large-margin cosine loss the people's directions besides. */
function learnerOf(plan: TrainingPlan, projection: Projection, learned: Faces, random: () => number): Learner {
  const { loss, margin, mining, learningRate } = plan;
  const adam = new Adam(projection.numbers, learningRate);
  const learn = (gradient: Float64Array) => adam.step(gradient);
  if (loss === 'triplet') return { compute: tripletObjective({ mining, margin }, random), learn };
  if (loss === 'contrastive') return { compute: contrastiveObjective(margin), learn };
  const { compute, directions } = cosineObjective(project(projection, learned.vectors).units, learned.labels, margin);
  const others = [...directions].map(({ numbers, slope }) => ({ adam: new Adam(numbers, learningRate), slope }));
  return {
    compute,
    learn(gradient) {
      learn(gradient);
      for (const { adam, slope } of others) adam.step(slope);
    },
  };
}

/**
 * Mini-batches of as many faces of each person as everybody has who has several, up to 8, so that all such people are learned from;
 * in an epoch as many as it takes for each of them to have been drawn once.
 */
function batchesOf(labels: readonly PersonLabel[], random: () => number) {
  const several = [...placesByPerson(labels).values()].map(({ length }) => length).filter((length) => length > 1);
  const faces = Math.min(8, ...several);
  const people = Math.min(several.length, Math.max(2, Math.floor(batchFaces / faces)));
  const largest = several.sort((a, b) => b - a).slice(0, people);
  const left = labels.length - largest.reduce((sum, length) => sum + length, 0);
  const others = Math.min(otherFaces, left);
  return {
    batches: identityBatches(labels, { people, faces, others, random }),
    steps: Math.ceil(several.length / people),
  };
}

/** Draws all faces in the plane that they spread most in, which turns little from one call to the next. */
function plotter(projection: Projection, vectors: readonly Float32Array[], seed: number): () => Float32Array {
  let axes: readonly Float64Array[] | (() => number) = seeded(seed);
  return () => {
    const { units } = project(projection, vectors);
    const plane = principalDirections(units, 2, axes);
    axes = plane;
    return Float32Array.from(units.flatMap((unit) => plane.map((axis) => dot(unit, axis))));
  };
}

/** Triplets are counted by the triplet loss's margin, whatever the loss. */
function tripletMargin({ loss, margin }: TrainingPlan): number {
  return loss === 'triplet' ? margin : defaultMargins.triplet;
}

function facesOf({ vectors, labels }: Faces, places: readonly number[]): Faces {
  return {
    vectors: places.map((place) => vectors[place] as Float32Array),
    labels: places.map((place) => labels[place] as PersonLabel),
  };
}

function addCounts(to: TripletCounts, counts: TripletCounts): void {
  for (const kind of ['valid', 'hard', 'semiHard', 'active'] as const) to[kind] += counts[kind];
}

function countOf({ labels }: Faces): { people: number; faces: number } {
  return { people: new Set(labels).size, faces: labels.length };
}
