import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { FaceNetError } from '../../core/errors.ts';
import type { TrainableNetwork } from './trainable-network.ts';

/** At most so many names stand in an error's sentence. */
const mostNames = 20;

/**
 * Puts the weights of a trained network into one of the same architecture: all of them, or, when they do not fit, none.
 *
 * @param tensorsByName exactly the network's weights, moving statistics too, by the names in `network.weights`. They stay the
 *   caller's.
 * @throws {FaceNetError} `weights-mismatch` with the names of the tensors that are missing, surplus or misshapen.
 */
export function loadWeights(network: TrainableNetwork, tensorsByName: NamedTensorMap): void {
  const wanted = new Map([...network.weights].map(([name, weight]) => [name, described(weight)]));
  const given = new Map(Object.entries(tensorsByName).map(([name, tensor]) => [name, described(tensor)]));
  const faults = misfits(wanted, given);
  if (faults.length > 0) {
    const sentences = faults.map(([fault, list]) => `${fault}: ${listed(list)}`).join('; ');
    throw new FaceNetError(
      'weights-mismatch',
      `These are not the weights of ${network.architecture.name} (${sentences}): pass a tensor for each name in network.weights.`,
    );
  }
  for (const [name, weight] of network.weights) copy(tensorsByName[name] as Tensor, weight);
}

/**
 * What is wrong with weights: which are missing, which are surplus, and which have another shape.
 *
 * @param wanted the network's weights by name, each described by its shape.
 * @param given those that there are, described likewise.
 * @returns the kinds of faults that there are, each with the weights concerned; nothing when all fit.
 */
export function misfits(
  wanted: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): [fault: 'missing' | 'surplus' | 'misshapen', weights: string[]][] {
  const both = [...wanted].filter(([name]) => given.has(name));
  const faults = {
    missing: [...wanted.keys()].filter((name) => !given.has(name)),
    surplus: [...given.keys()].filter((name) => !wanted.has(name)),
    misshapen: both
      .filter(([name, shape]) => given.get(name) !== shape)
      .map(([name, shape]) => `${name} is ${given.get(name)} instead of ${shape}`),
  };
  return (['missing', 'surplus', 'misshapen'] as const)
    .map((fault): [typeof fault, string[]] => [fault, faults[fault]])
    .filter(([, weights]) => weights.length > 0);
}

/** A variable takes a tensor's memory without copying it, so that it is given a tensor of its own. */
function copy(tensor: Tensor, weight: Variable): void {
  const own = tensor.clone();
  weight.assign(own);
  own.dispose();
}

function described({ shape, dtype }: Tensor): string {
  return `${dtype} ${shape.join('×') || 'scalar'}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
