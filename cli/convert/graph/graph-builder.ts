import { concatenated } from '../bytes.ts';
import type { Attribute, GraphModel, Node, Weight, WeightEntry } from './graph-model.ts';

const integers = (values: number[]): Attribute => ({ list: { i: values.map(String) } });
const float: Attribute = { type: 'DT_FLOAT' };
const nhwc = { data_format: { s: btoa('NHWC') } };

/** The padding of a convolution or pooling. */
export type Padding = 'SAME' | 'VALID';

/** A vertical and a horizontal size, in pixels. */
export type Pair = readonly [vertical: number, horizontal: number];

/** Options of {@link GraphBuilder.convolution}. */
export interface ConvolutionOptions {
  /** Default: false. */
  depthwise?: boolean;
  /** One stride, or a vertical and a horizontal one. Default: 1. */
  stride?: number | Pair;
  /** Default: `SAME`. */
  padding?: Padding;
  /** An activation in the same node. Default: none. */
  activation?: 'Relu' | 'Relu6' | 'Prelu';
  /** The node of the slopes, for the activation `Prelu`. */
  alpha?: string;
}

/**
 * Builds a TensorFlow.js graph model, node by node, in execution order. Every method adds one node and returns its name. Tensors are
 * NHWC; filters are [height, width, in, out], depthwise filters [height, width, in, multiplier].
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #entries: WeightEntry[] = [];
  readonly #chunks: Uint8Array[] = [];

  /** The network's input, a float32 tensor. −1 stands for the batch size. */
  input(name: string, shape: number[]): string {
    const dim = shape.map((size) => ({ size: String(size) }));
    return this.#add(name, 'Placeholder', [], { dtype: float, shape: { shape: { dim } } });
  }

  /** A constant, stored in the weight file. */
  constant(name: string, weight: Weight): string {
    const { values, shape, dtype } = weight;
    const quantization = 'quantization' in weight ? quantizationEntry(weight.quantization) : undefined;
    this.#entries.push({ name, shape, dtype, ...(quantization && { quantization }) });
    this.#chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return this.#add(name, 'Const', [], { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } });
  }

  /** A float32 constant. */
  floats(name: string, shape: number[], values: ArrayLike<number>): string {
    return this.constant(name, { shape, dtype: 'float32', values: Float32Array.from(values) });
  }

  /** An int32 constant, for shapes, axes and paddings. */
  integers(name: string, shape: number[], values: ArrayLike<number>): string {
    return this.constant(name, { shape, dtype: 'int32', values: Int32Array.from(values) });
  }

  /** An operation on float32 tensors that has no method of its own here. */
  op(name: string, op: string, input: string[], attr: Record<string, Attribute> = {}): string {
    return this.#add(name, op, input, { T: float, ...attr });
  }

  /** A convolution with a bias and an optional activation, as one fused node. */
  convolution(name: string, x: string, filter: string, bias: string, options: ConvolutionOptions = {}): string {
    const { depthwise = false, stride = 1, padding = 'SAME', activation, alpha } = options;
    const args = alpha ? [bias, alpha] : [bias];
    const fused = activation ? ['BiasAdd', activation] : ['BiasAdd'];
    return this.#add(name, depthwise ? 'FusedDepthwiseConv2dNative' : '_FusedConv2D', [x, filter, ...args], {
      T: float,
      strides: spatial(stride),
      dilations: integers([1, 1, 1, 1]),
      padding: { s: btoa(padding) },
      ...nhwc,
      fused_ops: { list: { s: fused.map((text) => btoa(text)) } },
      num_args: { i: String(args.length) },
      epsilon: { f: 0 },
    });
  }

  /** A depthwise convolution without a bias, with `SAME` padding. */
  depthwiseConvolution(name: string, x: string, filter: string, stride: number): string {
    return this.#add(name, 'DepthwiseConv2dNative', [x, filter], {
      T: float,
      strides: integers([1, stride, stride, 1]),
      dilations: integers([1, 1, 1, 1]),
      padding: { s: btoa('SAME') },
      ...nhwc,
    });
  }

  /** Rearranges the channels of each pixel into a block of `block`×`block` pixels. */
  depthToSpace(name: string, x: string, block: number): string {
    return this.#add(name, 'DepthToSpace', [x], { T: float, block_size: { i: String(block) }, ...nhwc });
  }

  /** Maximum or average pooling over windows of a size. */
  pool(
    name: string,
    x: string,
    kind: 'MaxPool' | 'AvgPool',
    size: number | Pair,
    stride: number | Pair,
    padding: Padding,
  ): string {
    return this.#add(name, kind, [x], {
      T: float,
      ksize: spatial(size),
      strides: spatial(stride),
      padding: { s: btoa(padding) },
      ...nhwc,
    });
  }

  /** The finished model. Its weight file is named `weights.bin`. */
  build(): GraphModel {
    const weights = concatenated(this.#chunks);
    const json = {
      format: 'graph-model',
      modelTopology: { node: this.#nodes, versions: { producer: 808 } },
      weightsManifest: [{ paths: ['weights.bin'], weights: this.#entries }],
    };
    return { json, weights };
  }

  #add(name: string, op: string, input: string[], attr: Record<string, Attribute>): string {
    this.#nodes.push({ name, op, input, attr });
    return name;
  }
}

/** Sizes along the axes of NHWC. */
function spatial(size: number | Pair): Attribute {
  const [vertical, horizontal] = typeof size === 'number' ? [size, size] : size;
  return integers([1, vertical, horizontal, 1]);
}

function quantizationEntry(rule: 'float16' | { scale: number; min: number }): WeightEntry['quantization'] {
  const original = { original_dtype: 'float32' };
  return rule === 'float16' ? { dtype: 'float16', ...original } : { dtype: 'uint8', ...rule, ...original };
}
