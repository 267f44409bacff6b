import { type Architecture, batchNormalisation } from '../../../lib/training/networks/description.ts';
import { type Operation, operationsOf, picture, type WeightSpec } from '../../../lib/training/networks/operations.ts';
import { misfits } from '../../../lib/training/networks/weights.ts';
import { GraphBuilder, type GraphModel } from '../graph/graph-builder.ts';
import type { StoredTensor, WeightFile } from './weight-file.ts';

const shapeOf = ({ shape }: { shape: readonly number[] }) => shape.join('×') || 'scalar';

/**
 * A file's weights by the names of an architecture's description.
 *
 * @throws {Error} that lists the tensors which are missing, surplus or misshapen, by their names in the file.
 */
export function weightsFor(architecture: Architecture, { tensors, namesOf }: WeightFile): Map<string, StoredTensor> {
  const names = new Map(
    operationsOf(architecture)
      .flatMap(({ weights }) => weights)
      .map((spec) => {
        const possible = namesOf(spec.name);
        return [spec, possible.find((name) => tensors.has(name)) ?? possible[0]] as const;
      }),
  );
  const wanted = new Map([...names].map(([spec, name]) => [name, shapeOf(spec)]));
  const given = new Map([...tensors].map(([name, tensor]) => [name, shapeOf(tensor)]));
  const faults = misfits(wanted, given);
  if (faults.length > 0) {
    const lists = faults.map(
      ([fault, list]) => `${fault} (${list.length}):\n${list.map((name) => `  ${name}\n`).join('')}`,
    );
    throw new Error(`Its tensors are not those of ${architecture.name}.\n${lists.join('')}`.trimEnd());
  }
  return new Map([...names].map(([spec, name]) => [spec.name, tensors.get(name) as StoredTensor]));
}

/**
 * A trained network as a graph model, ready to be run: batch normalisation and the scales of residuals are folded into the
 * products before them. Vectors are not brought to length 1 at the end, since the library does that to every embedding.
 *
 * In: `image` [n, height, width, channels], standardised. Out: the last node, [n, dimension].
 *
 * @param weights all of the description's, by name; {@link weightsFor} gives them.
 * @throws {Error} for a kind of layer that no published embedder has.
 */
export function graphOf(architecture: Architecture, weights: ReadonlyMap<string, StoredTensor>): GraphModel {
  const graph = new GraphBuilder();
  const image = graph.input('image', [-1, ...architecture.input]);
  const operations = operationsOf(architecture);
  const scales = new Map(
    operations.flatMap(({ step, inputs: [, end] }) => (step.kind === 'addition' ? [[end, step.scale] as const] : [])),
  );
  const nodes: string[] = [];
  operations.forEach((operation, place) => {
    const inputs = operation.inputs.map((input) => (input === picture ? image : (nodes[input] as string)));
    nodes.push(addNode(graph, operation, place, inputs as [string, ...string[]], weights, scales.get(place) ?? 1));
  });
  return graph.build();
}

/** @returns the node that holds the operation's result. */
function addNode(
  graph: GraphBuilder,
  { step, row, output, weights: specs }: Operation,
  place: number,
  inputs: readonly [string, ...string[]],
  weights: ReadonlyMap<string, StoredTensor>,
  scale: number,
): string {
  const [input] = inputs;
  const name = specs[0]?.name.replace(/\/weights$/, '') ?? `${row}/${place}`;
  if (scale !== 1 && !(step.kind === 'convolution' && step.activation === 'linear')) {
    throw new Error(`${name} is scaled, but is no linear convolution.`);
  }
  switch (step.kind) {
    case 'convolution': {
      const { filter, bias } = folded(specs, weights, scale);
      return graph.convolution(
        name,
        input,
        graph.floats(`${name}/filter`, [...filter.shape], filter.values),
        graph.floats(`${name}/bias`, [bias.length], bias),
        {
          stride: step.stride,
          padding: step.padding === 'same' ? 'SAME' : 'VALID',
          ...(step.activation === 'relu' && { activation: 'Relu' as const }),
        },
      );
    }
    case 'fully-connected': {
      if (step.maxout > 1 || step.activation !== 'linear') break;
      const { filter, bias } = folded(specs, weights, scale);
      const matrix = graph.floats(`${name}/matrix`, [...filter.shape], filter.values);
      const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
      const product = graph.op(`${name}/product`, 'MatMul', [input, matrix], attributes);
      return graph.op(name, 'AddV2', [product, graph.floats(`${name}/bias`, [bias.length], bias)]);
    }
    case 'max-pooling':
      return graph.pool(name, input, 'MaxPool', step.size, step.stride, step.padding === 'same' ? 'SAME' : 'VALID');
    case 'average-pooling': {
      const axes = graph.integers(`${name}/axes`, [2], [1, 2]);
      return graph.op(name, 'Mean', [input, axes], { keep_dims: { b: false } });
    }
    case 'flattening':
      return graph.op(name, 'Reshape', [input, graph.integers(`${name}/shape`, [2], [-1, ...output])]);
    case 'concatenation': {
      const axis = graph.integers(`${name}/axis`, [], [3]);
      return graph.op(name, 'ConcatV2', [...inputs, axis], { N: { i: String(inputs.length) } });
    }
    case 'addition': {
      const sum = graph.op(step.activation === 'relu' ? `${name}/sum` : name, 'AddV2', [...inputs]);
      return step.activation === 'relu' ? graph.op(name, 'Relu', [sum]) : sum;
    }
    case 'dropout':
    case 'l2-normalisation':
      return input;
  }
  throw new Error(`A layer of the kind ${step.kind} (${row}) is not converted.`);
}

/** A layer's products and offset, with what is done to them afterwards worked in. */
function folded(
  specs: readonly WeightSpec[],
  weights: ReadonlyMap<string, StoredTensor>,
  scale: number,
): { filter: StoredTensor; bias: Float32Array } {
  const of = (role: WeightSpec['role']) => weights.get(specs.find((spec) => spec.role === role)?.name ?? '');
  const { shape, values } = of('weights') as StoredTensor;
  const filters = shape.at(-1) as number;
  const [biases, beta, mean, variance] = [of('biases'), of('beta'), of('moving mean'), of('moving variance')];
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
