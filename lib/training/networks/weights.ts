import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { FaceNetError } from '../../core/errors.ts';
import type { TrainableNetwork } from './trainable-network.ts';

/** The maximum number of names in an error message. */
const maxNames = 20;

/**
 * Copies weights into a network. Changes nothing when a tensor is missing, surplus or of another shape.
 *
 * @param network the network whose weights are replaced.
 * @param tensorsByName one tensor for each name in `network.weights`, moving statistics included. The caller disposes them.
 * @throws {FaceNetError} `weights-mismatch` with the names of the tensors that are missing, surplus or misshapen.
 *
 * @example
 * const trained = await buildNetwork(tf, network.architecture, { seed: 2 });
 * loadWeights(network, Object.fromEntries(trained.weights)); // a copy of its weights
 * trained.dispose();
 */
export function loadWeights(network: TrainableNetwork, tensorsByName: NamedTensorMap): void {
  const wanted = new Map([...network.weights].map(([name, weight]) => [name, described(weight)]));
  const given = new Map(Object.entries(tensorsByName).map(([name, tensor]) => [name, described(tensor)]));
  const mismatches = weightMismatches(wanted, given);
  if (mismatches.length > 0) {
    const details = mismatches.map(([kind, names]) => `${kind}: ${listed(names)}`).join('; ');
    throw new FaceNetError(
      'weights-mismatch',
      `The tensors are not the weights of ${network.architecture.name} (${details}): pass one tensor for each name in network.weights.`,
    );
  }
  for (const [name, weight] of network.weights) copy(tensorsByName[name] as Tensor, weight);
}

/**
 * Compares weights with those that a network expects.
 *
 * @param wanted the shapes of the network's weights, by name, as text.
 * @param given the shapes of the available weights, likewise.
 * @returns each kind of mismatch with the weights concerned; empty when all match.
 */
export function weightMismatches(
  wanted: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): [kind: 'missing' | 'surplus' | 'misshapen', weights: string[]][] {
  const both = [...wanted].filter(([name]) => given.has(name));
  const mismatches = {
    missing: [...wanted.keys()].filter((name) => !given.has(name)),
    surplus: [...given.keys()].filter((name) => !wanted.has(name)),
    misshapen: both
      .filter(([name, shape]) => given.get(name) !== shape)
      .map(([name, shape]) => `${name} is ${given.get(name)} instead of ${shape}`),
  };
  return (['missing', 'surplus', 'misshapen'] as const)
    .map((kind): [typeof kind, string[]] => [kind, mismatches[kind]])
    .filter(([, weights]) => weights.length > 0);
}

/** `assign` shares the tensor's data, so it gets a clone that is disposed without affecting the caller's tensor. */
function copy(tensor: Tensor, weight: Variable): void {
  const own = tensor.clone();
  weight.assign(own);
  own.dispose();
}

function described({ shape, dtype }: Tensor): string {
  return `${dtype} ${shape.join('×') || 'scalar'}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - maxNames;
  return names.slice(0, maxNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
