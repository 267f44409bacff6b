import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { FaceNetError } from '../../errors.ts';
import type { TrainableNetwork } from './network.ts';

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
  const names = [...network.weights.keys()];
  const given = Object.keys(tensorsByName);
  const missing = names.filter((name) => !Object.hasOwn(tensorsByName, name));
  const surplus = given.filter((name) => !network.weights.has(name));
  const misshapen = given.flatMap((name) => {
    const weight = network.weights.get(name);
    const tensor = tensorsByName[name] as Tensor;
    if (!weight || (`${weight.shape}` === `${tensor.shape}` && weight.dtype === tensor.dtype)) return [];
    return [`${name} is ${described(tensor)} instead of ${described(weight)}`];
  });
  const faults = Object.entries({ missing, surplus, misshapen }).filter(([, list]) => list.length > 0);
  if (faults.length > 0) {
    const sentences = faults.map(([fault, list]) => `${fault}: ${listed(list)}`).join('; ');
    throw new FaceNetError(
      'weights-mismatch',
      `These are not the weights of ${network.architecture.name} (${sentences}): pass a tensor for each name in network.weights.`,
    );
  }
  for (const [name, weight] of network.weights) copy(tensorsByName[name] as Tensor, weight);
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
