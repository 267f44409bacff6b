import { inceptionResNetV1Of } from '../../../lib/training/networks/architectures/inception-resnet.ts';
import { operationsOf } from '../../../lib/training/networks/operations.ts';
import { graphOfArchitecture } from '../architectures/graph-of-architecture.ts';
import { matchWeights } from '../architectures/match-weights.ts';
import type { StoredTensor } from '../architectures/weight-file.ts';
import type { GraphModel } from '../graph/graph-model.ts';
import { type StateDict, sizeOf } from './layout.ts';

/** The classifier of the training, and the counters of batch normalisation. */
const ignored = /^logits\.|\.num_batches_tracked$/;

/** Whether a state dict is one of timesler/facenet-pytorch's InceptionResnetV1. */
export function isInceptionResNet(tensors: StateDict): boolean {
  return tensors.has('conv2d_1a.conv.weight') && tensors.has('last_linear.weight');
}

/**
 * Converts a state dict of facenet-pytorch's InceptionResnetV1 (models/inception_resnet_v1.py, MIT), with or without the classifier,
 * to David Sandberg's network, from which it was ported.
 *
 * @throws {Error} that lists the missing, surplus and misshapen tensors.
 */
export function graphOfInceptionResNet(tensors: StateDict): GraphModel {
  const architecture = inceptionResNetV1Of(sizeOf(tensors, 'last_linear.weight'));
  const names = torchNames(operationsOf(architecture).flatMap(({ weights }) => weights.map(({ name }) => name)));
  const weights = normalised(new Map([...tensors].filter(([name]) => !ignored.test(name))));
  return graphOfArchitecture(
    architecture,
    matchWeights(architecture, { tensors: weights, namesOf: (weight) => [names.get(weight) ?? weight] }),
  );
}

/** The roles of weights in TF-slim, and the module and the tensor in facenet-pytorch that have them. */
const roles: Record<string, [convolution: string, plain: string]> = {
  weights: ['.conv.weight', '.weight'],
  biases: ['.bias', '.bias'],
  beta: ['.bn.bias', '.bias'],
  moving_mean: ['.bn.running_mean', '.running_mean'],
  moving_variance: ['.bn.running_var', '.running_var'],
};

/** The name of each weight in facenet-pytorch. The convolutions of a branch are numbered there. */
function torchNames(names: readonly string[]): Map<string, string> {
  const layers = [
    ...new Set(
      names.map((name) =>
        name
          .split('/')
          .slice(1, -1)
          .filter((part) => part !== 'BatchNorm')
          .join('/'),
      ),
    ),
  ];
  const branches = new Map<string, string[]>();
  for (const layer of layers) {
    const [, branch] = /^(.*\/Branch_\d)\/\w+$/.exec(layer) ?? [];
    if (branch) branches.set(branch, [...(branches.get(branch) ?? []), layer]);
  }
  return new Map(names.map((name) => [name, torchName(name, branches)]));
}

function torchName(name: string, branches: ReadonlyMap<string, readonly string[]>): string {
  const parts = name.split('/').slice(1);
  const role = parts.pop() ?? '';
  const isNormalisation = parts.at(-1) === 'BatchNorm';
  const layer = parts.filter((part) => part !== 'BatchNorm').join('/');
  const [convolution, plain] = roles[role] ?? [role, role];
  if (layer === 'Bottleneck') return isNormalisation ? `last_bn${plain}` : `last_linear${plain}`;
  const [, branch] = /^(.*\/Branch_\d)\/\w+$/.exec(layer) ?? [];
  const position = branch ? (branches.get(branch) as string[]).indexOf(layer) : -1;
  const isOnly = branch !== undefined && branches.get(branch)?.length === 1;
  const module = moduleOf(branch ?? layer) + (branch && !isOnly ? `.${position}` : '');
  // The 1×1 convolution at the end of a block has a bias, and no normalisation.
  return `${module}${/\.conv2d$/.test(module) ? plain : convolution}`;
}

/** `Repeat_1/block17_2/Branch_0` → `repeat_2.1.branch0`, `Conv2d_1a_3x3` → `conv2d_1a`. */
function moduleOf(path: string): string {
  return path
    .replace(
      /^Repeat(?:_(\d))?\/block\d+_(\d+)/,
      (_, repeat = '0', block) => `repeat_${Number(repeat) + 1}.${Number(block) - 1}`,
    )
    .replace(/^Conv2d_(\w\w)_\dx\d$/, 'conv2d_$1')
    .replace(/\/Conv2d_1x1$/, '.conv2d')
    .replace(/\/Branch_(\d)$/, '.branch$1')
    .replace(/^(Mixed_\w+|Block8)/, (module) => module.toLowerCase());
}

/**
 * Filters as [height, width, in, out] and the matrix as [in, out]. The factor of batch normalisation, which TF-slim's has not, is
 * moved into the filter and the mean.
 */
function normalised(tensors: StateDict): Map<string, StoredTensor> {
  const result = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    if (/(\.bn|last_bn)\.weight$/.test(name)) continue;
    const gamma = gammaOf(tensors, name);
    const [out = 1, ...inner] = tensor.shape;
    const inverted = tensor.shape.length > 1 ? outputsLast(tensor) : tensor;
    const scaled = gamma
      ? { ...inverted, values: inverted.values.map((value, i) => value * (gamma[i % out] as number)) }
      : inverted;
    result.set(name, inner.length > 0 || gamma ? scaled : tensor);
  }
  return result;
}

/** The factors of the batch normalisation that a filter, a matrix or a mean belongs to. */
function gammaOf(tensors: StateDict, name: string): Float32Array | undefined {
  const layer = name.replace(/\.(conv\.weight|bn\.running_mean)$/, '');
  if (layer !== name) return tensors.get(`${layer}.bn.weight`)?.values;
  return /^last_(linear\.weight|bn\.running_mean)$/.test(name) ? tensors.get('last_bn.weight')?.values : undefined;
}

/** [out, in, height, width] → [height, width, in, out], [out, in] → [in, out]. */
function outputsLast({ shape, values }: StoredTensor): StoredTensor {
  const [out = 1, inputs = 1, height = 1, width = 1] = shape;
  const result = new Float32Array(values.length);
  let to = 0;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < out; o++) result[to++] = values[(o * inputs + i) * height * width + pixel] as number;
    }
  }
  return { shape: shape.length === 4 ? [height, width, inputs, out] : [inputs, out], values: result };
}
