import type { PriorGrid, PriorHead } from '../../../../lib/models/manifest.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import { nodeOf } from './image-layers.ts';
import type { CaffeLayer } from './network.ts';
import {
  type CaffeValue,
  type FlatValue,
  type ImageValue,
  ofKind,
  type PermutedValue,
  type PriorsValue,
  type RowsValue,
} from './values.ts';

/** The result of a `DetectionOutput` layer: the nodes of the boxes and the scores, and how they are decoded. */
export interface SsdOutput {
  boxes: string;
  scores: string;
  head: PriorHead;
}

/** Moves the channels to the end. Other orders are not converted. */
export function permute(layer: CaffeLayer, x: ImageValue): PermutedValue {
  const parameters = layer.message.message('permute_param');
  parameters.allow(['order']);
  if (parameters.numbers('order').join() !== '0,2,3,1') throw notConverted(layer, 'another order than 0, 2, 3, 1');
  return { kind: 'permuted', node: x.node, length: x.height * x.width * x.channels };
}

/** One value after the other. */
export function flatten(graph: GraphBuilder, layer: CaffeLayer, x: PermutedValue | RowsValue): FlatValue {
  const parameters = layer.message.message('flatten_param');
  parameters.allow(['axis']);
  if (parameters.number('axis', 1) !== 1) throw notConverted(layer, 'another axis than 1');
  const length = x.kind === 'rows' ? x.rows * x.columns : x.length;
  return { kind: 'flat', node: reshaped(graph, layer, x.node, [length]), length };
}

/** Joins values, or prior boxes. */
export function concat(graph: GraphBuilder, layer: CaffeLayer, inputs: readonly CaffeValue[]): CaffeValue {
  const parameters = layer.message.message('concat_param');
  parameters.allow(['axis']);
  const [first] = inputs;
  const axis = parameters.number('axis', 1);
  if (axis !== (first?.kind === 'priors' ? 2 : 1)) throw notConverted(layer, `the axis ${axis}`);
  if (first?.kind === 'priors')
    return joinedPriors(
      layer,
      inputs.map((input) => ofKind(layer, input, 'priors')),
    );
  const parts = inputs.map((input) => ofKind(layer, input, 'flat'));
  const node = nodeOf(layer);
  const nodes = [...parts.map((part) => part.node), graph.integers(`${node}/axis`, [], [1])];
  graph.op(node, 'ConcatV2', nodes, { N: { i: String(parts.length) }, Tidx: { type: 'DT_INT32' } });
  return { kind: 'flat', node, length: parts.reduce((sum, { length }) => sum + length, 0) };
}

function joinedPriors(layer: CaffeLayer, parts: readonly PriorsValue[]): PriorsValue {
  const [first] = parts as [PriorsValue];
  const isLike = ({ variances, isClipped }: PriorsValue) =>
    variances.join() === first.variances.join() && isClipped === first.isClipped;
  if (!parts.every(isLike)) throw notConverted(layer, 'prior boxes of different variances');
  return { ...first, grids: parts.flatMap(({ grids }) => grids) };
}

/** Rows of two scores. */
export function reshape(graph: GraphBuilder, layer: CaffeLayer, x: FlatValue): RowsValue {
  const parameters = layer.message.message('reshape_param');
  parameters.allow(['shape']);
  const shape = parameters.message('shape').numbers('dim');
  const columns = shape[2] ?? 0;
  const rows = x.length / columns;
  if (shape.length !== 3 || shape[0] !== 0 || shape[1] !== -1 || !(columns > 0) || !Number.isInteger(rows)) {
    throw notConverted(layer, `the shape ${shape.join(', ')}`);
  }
  return { kind: 'rows', node: reshaped(graph, layer, x.node, [rows, columns]), rows, columns };
}

/** Makes probabilities of the scores of each row. */
export function softmax(graph: GraphBuilder, layer: CaffeLayer, x: RowsValue): RowsValue {
  const parameters = layer.message.message('softmax_param');
  parameters.allow(['axis']);
  if (parameters.number('axis', 1) !== 2) throw notConverted(layer, 'another axis than 2');
  return { ...x, node: graph.op(nodeOf(layer), 'Softmax', [x.node]) };
}

/** The prior boxes of an image. (OpenCV, dnn/src/layers/prior_box_layer.cpp) */
export function priorBox(layer: CaffeLayer, x: ImageValue, input: ImageValue): PriorsValue {
  const parameters = layer.message.message('prior_box_param');
  parameters.allow([...['min_size', 'max_size', 'aspect_ratio', 'flip', 'clip', 'variance', 'step', 'offset']]);
  const [minima, maxima] = [parameters.numbers('min_size'), parameters.numbers('max_size')];
  const given = parameters.numbers('aspect_ratio').filter((ratio) => Math.abs(ratio - 1) > 1e-6);
  const ratios = parameters.flag('flip', true) ? given.flatMap((ratio) => [ratio, 1 / ratio]) : given;
  const isPositive = [...minima, ...maxima, ...ratios].every((value) => value > 0);
  if (minima.length !== 1 || maxima.length > 1 || ratios.length > 14 || !isPositive) {
    throw notConverted(layer, 'other sizes than one smallest and at most one largest');
  }
  const [size = 0] = minima;
  const square = (side: number): [number, number] => [side, side];
  const sizes = [
    square(size),
    ...maxima.map((max) => square(Math.sqrt(size * max))),
    ...ratios.map((ratio): [number, number] => [size * Math.sqrt(ratio), size / Math.sqrt(ratio)]),
  ];
  const step = parameters.number('step', 0);
  const grid: PriorGrid = {
    columns: x.width,
    rows: x.height,
    step: step > 0 ? square(step) : [input.width / x.width, input.height / x.height],
    offset: parameters.number('offset', 0.5),
    sizes,
  };
  return { kind: 'priors', grids: [grid], variances: variancesOf(layer), isClipped: parameters.flag('clip', true) };
}

function variancesOf(layer: CaffeLayer): PriorsValue['variances'] {
  const variances = layer.message.message('prior_box_param').numbers('variance');
  const [a = 0.1, b = a, c = a, d = a] = variances;
  const isPossible = [0, 1, 4].includes(variances.length) && [a, b, c, d].every((value) => value > 0);
  if (!isPossible) throw notConverted(layer, 'other variances than one or four');
  return [a, b, c, d];
}

/** How the outputs are decoded. */
export function detectionOutput(
  layer: CaffeLayer,
  [locations, confidences, boxes]: readonly (CaffeValue | undefined)[],
): SsdOutput {
  const parameters = layer.message.message('detection_output_param');
  parameters.allow([
    ...['num_classes', 'share_location', 'background_label_id', 'nms_param', 'code_type', 'keep_top_k'],
    'confidence_threshold',
  ]);
  const suppression = parameters.message('nms_param');
  suppression.allow(['nms_threshold', 'top_k']);
  const isSupported =
    parameters.number('num_classes', 0) === 2 &&
    parameters.flag('share_location', true) &&
    parameters.number('background_label_id', 0) === 0 &&
    parameters.text('code_type', 'CORNER') === 'CENTER_SIZE';
  if (!isSupported) throw notConverted(layer, 'other classes than background and face, or another code type');
  const priors = ofKind(layer, boxes, 'priors');
  const [location, scores] = [ofKind(layer, locations, 'flat'), ofKind(layer, confidences, 'flat')];
  const count = priors.grids.reduce((sum, { columns, rows, sizes }) => sum + columns * rows * sizes.length, 0);
  if (location.length !== 4 * count || scores.length !== 2 * count) {
    throw damaged(`The .prototxt has ${location.length} values for the boxes of ${count} prior boxes`);
  }
  const head: PriorHead = {
    type: 'priors',
    grids: priors.grids,
    variances: priors.variances,
    ...(priors.isClipped && { clipped: true }),
    minScore: parameters.number('confidence_threshold', 0),
    maxOverlap: suppression.number('nms_threshold', 0.3),
    maxCandidates: suppression.integer('top_k', 400, 1, 100_000),
    maxDetections: parameters.integer('keep_top_k', 200, 1, 100_000),
  };
  return { boxes: location.node, scores: scores.node, head };
}

function reshaped(graph: GraphBuilder, layer: CaffeLayer, x: string, shape: readonly number[]): string {
  const node = nodeOf(layer);
  const sizes = graph.integers(`${node}/shape`, [shape.length + 1], [-1, ...shape]);
  return graph.op(node, 'Reshape', [x, sizes]);
}

function notConverted({ name, type }: CaffeLayer, what: string) {
  return unsupportedFile(
    `The layer "${name}" (${type}) has ${what}, which is not converted: use a network of the layout of OpenCV's res10 SSD.`,
  );
}
