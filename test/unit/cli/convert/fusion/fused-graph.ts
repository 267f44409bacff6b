import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { fuse } from '../../../../../cli/convert/fusion/fuse.ts';
import { GraphBuilder } from '../../../../../cli/convert/graph/graph-builder.ts';
import { type GraphModel, nodesOf } from '../../../../../cli/convert/graph/graph-model.ts';
import { seeded } from '../../../../../lib/core/random.ts';
import { lowerModel } from '../../../../../lib/runtime/kernels/lowering/lower-model.ts';
import { load } from '../small-embedder.ts';

/** The channels of the first convolution. */
export const channels = 8;

/** A graph under test: a convolution, and the nodes that a test adds. */
export class TestGraph {
  readonly builder = new GraphBuilder();
  readonly #random: () => number;
  #names = 0;
  /** The result of the convolution: values of both signs, up to about 6. */
  readonly x: string;

  constructor(seed = 1) {
    this.#random = seeded(seed);
    const image = this.builder.input('image', [-1, 6, 5, 3]);
    this.x = this.conv2d(image, this.floats([3, 3, 3, channels], 1));
  }

  /** A constant of random values from −limit to limit. */
  floats(shape: number[], limit: number): string {
    const length = shape.reduce((product, side) => product * side, 1);
    const values = Array.from({ length }, () => limit * (this.#random() * 2 - 1));
    return this.builder.floats(this.#name(), shape, values);
  }

  /** A constant with given values. */
  constant(shape: number[], ...values: number[]): string {
    return this.builder.floats(this.#name(), shape, values);
  }

  /** A node of any operator. */
  op(op: string, ...input: string[]): string {
    return this.builder.op(this.#name(), op, input);
  }

  /** A convolution without a bias. */
  conv2d(x: string, filter: string): string {
    return this.builder.op(this.#name(), 'Conv2D', [x, filter], {
      strides: { list: { i: ['1', '1', '1', '1'] } },
      dilations: { list: { i: ['1', '1', '1', '1'] } },
      padding: { s: Buffer.from('SAME').toString('base64') },
      data_format: { s: Buffer.from('NHWC').toString('base64') },
    });
  }

  #name(): string {
    return `n${this.#names++}`;
  }
}

/** The operators of a graph, without inputs and constants, in execution order. */
export function operators(model: GraphModel): string[] {
  return nodesOf(model)
    .map(({ op }) => op)
    .filter((op) => op !== 'Placeholder' && op !== 'Const');
}

/** The maximum difference of the fused graph, relative to the largest value of the output. */
const tolerance = 1e-6;

/**
 * Fuses a graph and compares its output for random images with that of the unfused graph, in TensorFlow.js's plain JavaScript. Checks that
 * the kernels support the fused graph.
 */
export function fuseAndCompare(graph: TestGraph, output: string): GraphModel {
  const model = graph.builder.build();
  const fused = fuse(model, [output]);
  expectSameOutput(fused, model, output);
  const [json, weights] = [new Uint8Array(Buffer.from(JSON.stringify(fused.json))), new Uint8Array(fused.weights)];
  const shapes = { input: { name: 'image', shape: [] }, outputs: [{ name: output, shape: [] }] };
  const preprocessing = { width: 5, height: 6, channels: 'rgb' as const, mean: [0, 0, 0], std: [1, 1, 1] };
  lowerModel({ ...shapes, preprocessing: preprocessing as never }, { json, weights });
  return fused;
}

/** Compares the outputs of two models for random images. */
export function expectSameOutput(actual: GraphModel, expected: GraphModel, output: string): void {
  const images = tf.randomUniform<tf.Rank.R4>([2, 6, 5, 3], -2, 2, 'float32', 3);
  const [wanted, got] = [expected, actual].map((model) => {
    const loaded = load(model);
    const result = loaded.execute({ image: images }, output) as tf.Tensor;
    loaded.dispose();
    return { shape: result.shape, values: result.dataSync<'float32'>() };
  });
  expect(got?.shape).toEqual(wanted?.shape);
  const magnitude = wanted?.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0) as number;
  expect(magnitude).toBeGreaterThan(0.1);
  const differences = wanted?.values.map((value, i) => Math.abs(value - (got?.values[i] as number)));
  expect(Math.max(...(differences ?? [])) / magnitude).toBeLessThan(tolerance);
}
