import type { Architecture, Convolution } from '../../../lib/training/networks/description.ts';
import { networkInput, type Operation, operationsOf } from '../../../lib/training/networks/operations.ts';
import { GraphBuilder, type Padding } from '../graph/graph-builder.ts';
import type { GraphModel } from '../graph/graph-model.ts';
import { type FoldedWeights, foldWeights } from './fold-weights.ts';
import type { StoredTensor } from './weight-file.ts';

const paddings: Record<'same' | 'valid', Padding> = { same: 'SAME', valid: 'VALID' };

/**
 * Writes a trained network as a graph model for inference. Batch normalisation and the scales of residuals are folded into the
 * preceding products. The final L2 normalisation is omitted because the library normalises every embedding.
 *
 * Input: `image` [n, height, width, channels], standardised. Output: the last node, [n, dimension].
 *
 * @param weights all weights of the architecture, by name; see `matchWeights`.
 * @throws {Error} for a kind of layer that cannot be converted.
 */
export function graphOfArchitecture(
  architecture: Architecture,
  weights: ReadonlyMap<string, StoredTensor>,
): GraphModel {
  const graph = new GraphBuilder();
  const image = graph.input('image', [-1, ...architecture.input]);
  const operations = operationsOf(architecture);
  const scales = new Map(
    operations.flatMap(({ step, inputs: [, end] }) => (step.kind === 'addition' ? [[end, step.scale] as const] : [])),
  );
  const nodes: string[] = [];
  operations.forEach((operation, index) => {
    const inputs = operation.inputs.map((input) => (input === networkInput ? image : (nodes[input] as string)));
    const scale = scales.get(index) ?? 1;
    const { step, row, weights: specs } = operation;
    const name = specs[0]?.name.replace(/\/weights$/, '') ?? `${row}/${index}`;
    if (scale !== 1 && !(step.kind === 'convolution' && step.activation === 'linear')) {
      throw new Error(`The layer ${name} is scaled, which only a linear convolution can be.`);
    }
    const folded = specs.length > 0 ? foldWeights(specs, weights, scale) : undefined;
    nodes.push(addNode(graph, name, operation, inputs as [string, ...string[]], folded as FoldedWeights));
  });
  return graph.build();
}

/** Adds the nodes of one operation. @returns the node of its result. */
function addNode(
  graph: GraphBuilder,
  name: string,
  { step, row, output }: Operation,
  inputs: readonly [string, ...string[]],
  folded: FoldedWeights,
): string {
  const [input] = inputs;
  switch (step.kind) {
    case 'convolution':
      return addConvolution(graph, name, input, step, folded);
    case 'fully-connected':
      if (step.maxout > 1 || step.activation !== 'linear') break;
      return addFullyConnected(graph, name, input, folded);
    case 'max-pooling':
      return graph.pool(name, input, 'MaxPool', step.size, step.stride, paddings[step.padding]);
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
  throw new Error(`The layer ${row} is of the kind ${step.kind}, which cannot be converted.`);
}

function addConvolution(
  graph: GraphBuilder,
  name: string,
  input: string,
  { stride, padding, activation }: Convolution,
  { filter, bias }: FoldedWeights,
): string {
  return graph.convolution(
    name,
    input,
    graph.floats(`${name}/filter`, [...filter.shape], filter.values),
    graph.floats(`${name}/bias`, [bias.length], bias),
    { stride, padding: paddings[padding], ...(activation === 'relu' && { activation: 'Relu' as const }) },
  );
}

function addFullyConnected(graph: GraphBuilder, name: string, input: string, { filter, bias }: FoldedWeights): string {
  const matrix = graph.floats(`${name}/matrix`, [...filter.shape], filter.values);
  const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
  const product = graph.op(`${name}/product`, 'MatMul', [input, matrix], attributes);
  return graph.op(name, 'AddV2', [product, graph.floats(`${name}/bias`, [bias.length], bias)]);
}
