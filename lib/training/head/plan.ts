import { FaceNetError } from '../../core/errors.ts';
import { defaultMargins } from './objectives.ts';
import type { TrainingPlan } from './train.ts';
import type { HeadOptions } from './types.ts';

const losses = Object.keys(defaultMargins);

/**
 * Checks and completes what training is told.
 *
 * @param dimension how many numbers the embeddings have.
 * @throws {FaceNetError} `option-invalid` for a value that an option cannot have.
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
    margin: above0('margin', options.margin ?? defaultMargins[loss]),
    dimension: whole('dimension', options.dimension ?? dimension, 2, 1024),
    hidden: whole('hidden', options.hidden ?? 0, 0, 1024),
    epochs: whole('epochs', options.epochs ?? 100, 1, 10_000),
    patience: whole('patience', options.patience ?? 10, 1, 10_000),
    heldOut: share('heldOut', options.heldOut ?? 0.2),
    learningRate: above0('learningRate', options.learningRate ?? 0.0003),
    seed: whole('seed', options.seed ?? 1, -(2 ** 31), 2 ** 31),
    plot: Boolean(plot),
  };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(name, value, `use a whole number from ${least} to ${most}`);
}

function above0(name: string, value: number): number {
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
