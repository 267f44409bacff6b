import { batchNormalisation } from '../../../lib/training/networks/description.ts';
import type { WeightSpec } from '../../../lib/training/networks/layer-output.ts';
import type { StoredTensor } from './weight-file.ts';

/** A layer's filter and bias, with batch normalisation folded in. */
export interface FoldedWeights {
  /** The filter or matrix; its last axis is the output. */
  filter: StoredTensor;
  /** One value for each output. */
  bias: Float32Array;
}

/**
 * Folds batch normalisation and a constant factor into a layer's filter and bias.
 *
 * @param specs the layer's weights.
 * @param weights the values of all weights, by name.
 * @param scale a factor of the layer's output.
 */
export function foldWeights(
  specs: readonly WeightSpec[],
  weights: ReadonlyMap<string, StoredTensor>,
  scale: number,
): FoldedWeights {
  const tensor = (role: WeightSpec['role']) => weights.get(specs.find((spec) => spec.role === role)?.name ?? '');
  const { shape, values } = tensor('weights') as StoredTensor;
  const filters = shape.at(-1) as number;
  const [biases, beta] = [tensor('biases'), tensor('beta')];
  const [mean, variance] = [tensor('moving mean'), tensor('moving variance')];
  const factors = Float64Array.from({ length: filters }, (_, i) =>
    variance ? scale / Math.sqrt((variance.values[i] as number) + batchNormalisation.epsilon) : scale,
  );
  const bias = Float32Array.from(factors, (factor, i) =>
    beta && mean
      ? scale * (beta.values[i] as number) - factor * (mean.values[i] as number)
      : scale * (biases?.values[i] ?? 0),
  );
  const filter = values.map((value, i) => value * (factors[i % filters] as number));
  return { filter: { shape, values: filter }, bias };
}
