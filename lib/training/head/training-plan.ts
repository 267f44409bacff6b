import { FaceNetError } from '../../core/errors.ts';
import type { Calibration } from '../../core/types.ts';
import type { PersonLabel } from '../triplets/triplets.ts';
import { defaultMargins } from './objective.ts';
import type { Projection } from './projection.ts';
import type { HeadOptions, HeadReport } from './types.ts';

/** Validated options with all defaults filled in. Structured-cloneable. */
export type TrainingPlan = Required<Omit<HeadOptions, 'signal' | 'onEpoch' | 'worker'>>;

/** The input of training. Structured-cloneable. */
export interface TrainingTask {
  /** The embeddings, all of one model. */
  vectors: readonly Float32Array[];
  /** The person of each embedding. */
  labels: readonly PersonLabel[];
  plan: TrainingPlan;
}

/** The outcome of training. Structured-cloneable. */
export interface TrainingResult {
  projection: Projection;
  /** Undefined when too few people were held out. */
  calibration: Calibration | undefined;
  report: HeadReport;
}

const losses = Object.keys(defaultMargins);

/**
 * Validates the options of {@link trainHead} and fills in the defaults.
 *
 * @param dimension the length of the input embeddings.
 * @throws {FaceNetError} `option-invalid` for an invalid option.
 */
export function trainingPlan(options: HeadOptions, dimension: number): TrainingPlan {
  const { loss = 'triplet', mining = {}, plot = false, worker, onEpoch } = options;
  if (!losses.includes(loss)) throw invalid('loss', loss, `use "${losses.join('", "')}"`);
  if (worker !== undefined && typeof worker !== 'boolean') throw invalid('worker', worker, 'use true or false');
  if (onEpoch !== undefined && typeof onEpoch !== 'function') throw invalid('onEpoch', onEpoch, 'pass a function');
  const { positives = 'all', negatives = 'semi-hard' } = mining;
  if (!['all', 'hardest'].includes(positives)) throw invalid('mining.positives', positives, 'use "all" or "hardest"');
  if (!['hardest', 'semi-hard', 'random'].includes(negatives)) {
    throw invalid('mining.negatives', negatives, 'use "hardest", "semi-hard" or "random"');
  }
  return {
    loss,
    mining: { positives, negatives },
    margin: positive('margin', options.margin ?? defaultMargins[loss]),
    dimension: integer('dimension', options.dimension ?? dimension, 2, 1024),
    hidden: integer('hidden', options.hidden ?? 0, 0, 1024),
    epochs: integer('epochs', options.epochs ?? 100, 1, 10_000),
    patience: integer('patience', options.patience ?? 10, 1, 10_000),
    heldOut: share('heldOut', options.heldOut ?? 0.2),
    learningRate: positive('learningRate', options.learningRate ?? 0.0003),
    seed: integer('seed', options.seed ?? 1, -(2 ** 31), 2 ** 31),
    plot: Boolean(plot),
  };
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, value, `use an integer from ${min} to ${max}`);
}

function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw invalid(name, value, 'use a number above 0');
}

function share(name: string, value: number): number {
  if (value >= 0 && value <= 0.5) return value;
  throw invalid(name, value, 'use a number from 0 to 0.5');
}

function invalid(name: string, value: unknown, advice: string): FaceNetError {
  return new FaceNetError('option-invalid', `${name} is ${value}: ${advice}.`);
}
