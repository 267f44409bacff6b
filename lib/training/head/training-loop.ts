import { yieldToEventLoop } from '../../core/cancellation.ts';
import { seeded } from '../../core/random.ts';
import type { Calibration } from '../../core/types.ts';
import { fitCalibration } from '../../evaluation/calibration.ts';
import type { ScoredPair } from '../../evaluation/scores.ts';
import { countTriplets, type TripletCounts } from '../triplets/triplets.ts';
import { embeddingPlot } from './embedding-plot.ts';
import { countFaces, type LabelledFaces, pickFaces } from './labelled-faces.ts';
import { createLearner, type Learner } from './learner.ts';
import { defaultMargins } from './objective.ts';
import { initialProjection, type Projection, project, projectionGradient } from './projection.ts';
import { splitPeople } from './split-people.ts';
import { trainingBatches } from './training-batches.ts';
import type { TrainingPlan, TrainingResult, TrainingTask } from './training-plan.ts';
import type { HeadEpoch, HeadReport, HeadValidation } from './types.ts';
import { scoredPairs, validate } from './validation.ts';

/** The maximum number of different-person pairs for the validation of an epoch, and for the calibration. */
const [pairsPerEpoch, pairsToCalibrate] = [20_000, 400_000];

/** The minimum number of pairs for a calibration. 1,000 different-person pairs put ten false accepts behind a rate of 1 %. */
const minPairs = { same: 30, different: 1000 };

/** A head in training. */
interface Training {
  plan: TrainingPlan;
  projection: Projection;
  learner: Learner;
  trainingSet: LabelledFaces;
  heldOut: LabelledFaces;
  batches: Iterator<number[]>;
  batchesPerEpoch: number;
}

/** The best state so far. */
interface Checkpoint {
  epoch: number;
  validation: HeadValidation | undefined;
  numbers: Float64Array;
}

/**
 * Trains a head on the calling thread. Yields to the event loop between mini-batches.
 *
 * @throws {FaceNetError} `examples-too-few`; `signal.reason` when aborted.
 */
export async function train(
  { vectors, labels, plan }: TrainingTask,
  onEpoch: (epoch: HeadEpoch) => void,
  signal?: AbortSignal,
): Promise<TrainingResult> {
  const training = prepare({ vectors, labels, plan });
  const plot = plan.plot ? embeddingPlot(training.projection, vectors, plan.seed) : () => undefined;
  let best: Checkpoint | undefined;
  let before: HeadValidation | undefined;
  for (let epoch = 0; ; epoch++) {
    // Epoch 0 measures the untrained head.
    const { loss, triplets } = await runEpoch(training, epoch > 0, signal);
    const validation = plan.heldOut > 0 ? validate(heldOutPairs(training, pairsPerEpoch)) : undefined;
    before ??= validation;
    onEpoch({ epoch, loss, triplets, validation, plot: plot() });
    if (!best?.validation || !validation || isBetter(validation, best.validation)) {
      best = { epoch, validation, numbers: training.projection.numbers.slice() };
    }
    const stopped = reasonToStop(plan, epoch, loss, best.epoch);
    if (stopped) return finish(training, best, { epochs: epoch, stopped, before });
  }
}

function prepare({ vectors, labels, plan }: TrainingTask): Training {
  const random = seeded(plan.seed);
  const split = splitPeople(labels, plan.heldOut, random);
  const trainingSet = pickFaces({ vectors, labels }, split.training);
  const heldOut = pickFaces({ vectors, labels }, split.heldOut);
  const shape = { inputs: vectors[0]?.length ?? 0, outputs: plan.dimension, hidden: plan.hidden };
  const projection = initialProjection(shape, trainingSet.vectors, random);
  const learner = createLearner(plan, projection, trainingSet, random);
  const { batches, perEpoch } = trainingBatches(trainingSet.labels, random);
  return { plan, projection, learner, trainingSet, heldOut, batches, batchesPerEpoch: perEpoch };
}

async function runEpoch(
  { plan, projection, learner, trainingSet, batches, batchesPerEpoch }: Training,
  update: boolean,
  signal: AbortSignal | undefined,
): Promise<Pick<HeadEpoch, 'loss' | 'triplets'>> {
  const triplets: TripletCounts = { valid: 0, hard: 0, semiHard: 0, active: 0 };
  // Triplets are counted with the triplet loss's margin, whatever loss is trained.
  const tripletMargin = plan.loss === 'triplet' ? plan.margin : defaultMargins.triplet;
  let loss = 0;
  for (let i = 0; i < batchesPerEpoch; i++) {
    await yieldToEventLoop(signal);
    const batch = pickFaces(trainingSet, batches.next().value as number[]);
    const projected = project(projection, batch.vectors);
    const objective = learner.compute(projected.units, batch.labels);
    loss += objective.loss / batchesPerEpoch;
    const embeddings = projected.units.map((unit) => Float32Array.from(unit));
    addCounts(triplets, countTriplets(embeddings, batch.labels, tripletMargin));
    if (update) learner.step(projectionGradient(projection, batch.vectors, projected, objective.gradients));
  }
  return { loss, triplets };
}

/** Restores the best state, calibrates it and summarises training. */
function finish(
  training: Training,
  best: Checkpoint,
  summary: Pick<HeadReport, 'epochs' | 'stopped' | 'before'>,
): TrainingResult {
  const { plan, projection, trainingSet, heldOut } = training;
  projection.numbers.set(best.numbers);
  const pairs = heldOutPairs(training, pairsToCalibrate);
  return {
    projection,
    calibration: calibrate(pairs),
    report: {
      bestEpoch: best.epoch,
      epochs: summary.epochs,
      stopped: summary.stopped,
      learned: countFaces(trainingSet),
      heldOut: countFaces(heldOut),
      before: summary.before,
      after: plan.heldOut > 0 ? validate(pairs) : undefined,
    },
  };
}

function heldOutPairs({ projection, heldOut }: Training, maxDifferent: number): ScoredPair[] {
  return scoredPairs(project(projection, heldOut.vectors).units, heldOut.labels, maxDifferent);
}

function calibrate(pairs: readonly ScoredPair[]): Calibration | undefined {
  const same = pairs.filter((pair) => pair.same).length;
  const isEnough = same >= minPairs.same && pairs.length - same >= minPairs.different;
  return isEnough ? fitCalibration(pairs) : undefined;
}

function reasonToStop(
  { epochs, patience }: TrainingPlan,
  epoch: number,
  loss: number,
  bestEpoch: number,
): HeadReport['stopped'] | undefined {
  if (epoch === epochs) return 'epochs';
  if (epoch - bestEpoch >= patience) return 'patience';
  return loss === 0 ? 'no-loss' : undefined;
}

/** Compares equal error rates, and decidabilities when they are equal: with few held-out people the error rate is often 0. */
function isBetter(a: HeadValidation, b: HeadValidation): boolean {
  if (a.equalErrorRate !== b.equalErrorRate) return a.equalErrorRate < b.equalErrorRate;
  return a.decidability > b.decidability;
}

function addCounts(sum: TripletCounts, counts: TripletCounts): void {
  for (const kind of ['valid', 'hard', 'semiHard', 'active'] as const) sum[kind] += counts[kind];
}
