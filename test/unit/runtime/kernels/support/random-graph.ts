import { GraphBuilder } from '../../../../../cli/convert/graph/graph-builder.ts';
import { seeded } from '../../../../../lib/core/random.ts';
import type { ModelDescriptor } from '../../../../../lib/models/manifest.ts';
import type { ModelFiles } from '../../../../../lib/runtime/runtime.ts';

/** A tensor of a graph. */
export interface GraphTensor {
  name: string;
  height: number;
  width: number;
  channels: number;
}

/** A graph under construction, with weights and choices from a seed. */
export class RandomGraph {
  readonly builder = new GraphBuilder();
  readonly #random: () => number;
  readonly inputSize: { height: number; width: number };
  /** The tensors of rank 4, newest last. */
  readonly tensors: GraphTensor[];
  #nameCount = 0;

  constructor(seed: number, height: number, width: number) {
    this.#random = seeded(seed);
    this.inputSize = { height, width };
    this.tensors = [{ name: this.builder.input('image', [-1, height, width, 3]), height, width, channels: 3 }];
  }

  get last(): GraphTensor {
    return this.tensors.at(-1) as GraphTensor;
  }

  /** A random integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  /** A random element. */
  pick<T>(...from: T[]): T {
    return from[this.integer(0, from.length - 1)] as T;
  }

  nextName(): string {
    return `n${this.#nameCount++}`;
  }

  /**
   * Random weights that preserve the variance of the values, as trained ones do: large values would amplify rounding.
   */
  weights(...shape: number[]): string {
    const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const max = Math.sqrt(3 / inputs);
    const values = Array.from({ length: inputs * (shape.at(-1) as number) }, () => max * (this.#random() * 2 - 1));
    return this.builder.floats(this.nextName(), shape, values);
  }

  push(name: string, height: number, width: number, channels: number): void {
    this.tensors.push({ name, height, width, channels });
  }

  /** The graph as a model with one output. */
  model(output: string): { descriptor: ModelDescriptor; files: ModelFiles } {
    const { json, weights } = this.builder.build();
    const descriptor = {
      name: 'random',
      input: { name: 'image', shape: [] },
      outputs: [{ name: output, shape: [] }],
      preprocessing: { ...this.inputSize, channels: 'bgr', mean: [120, 130, 140], std: [90, 100, 110] },
    } as unknown as ModelDescriptor;
    const files = { json: new Uint8Array(Buffer.from(JSON.stringify(json))), weights: new Uint8Array(weights) };
    return { descriptor, files };
  }
}

/** A string attribute of a node. */
export const base64 = (text: string) => ({ s: Buffer.from(text).toString('base64') });

/** The height or width of a convolution's output. */
export function outputSize(size: number, window: number, stride: number, padding: 'SAME' | 'VALID'): number {
  return padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1;
}
