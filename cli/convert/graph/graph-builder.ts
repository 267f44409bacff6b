/**
 * What a weight is: its shape and its values, either plain, or as uint8 with an affine rule (value = q · scale + min), or
 * as the bits of float16.
 */
export type Weight =
  | { shape: number[]; dtype: 'float32'; values: Float32Array }
  | { shape: number[]; dtype: 'int32'; values: Int32Array }
  | { shape: number[]; dtype: 'float32'; values: Uint8Array; quantization: { scale: number; min: number } }
  | { shape: number[]; dtype: 'float32'; values: Uint16Array; quantization: 'float16' };

/** A value of a TensorFlow NodeDef attribute, in the JSON form that TensorFlow.js reads. */
export type Attribute =
  | { type: string }
  | { s: string }
  | { i: string }
  | { f: number }
  | { b: boolean }
  | { shape: { dim: { size: string }[] } }
  | { list: { i: string[] } | { s: string[] } };

/** One node of a TensorFlow GraphDef, in JSON. */
export interface Node {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, Attribute>;
}

/** A TensorFlow.js graph model in memory: what `model.json` holds, and the bytes of its one weight file. */
export interface GraphModel {
  json: Record<string, unknown>;
  weights: Uint8Array;
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const integers = (values: number[]) => ({ list: { i: values.map(String) } });
const float: Attribute = { type: 'DT_FLOAT' };

function quantizationSpec(rule: 'float16' | { scale: number; min: number }) {
  const original = { original_dtype: 'float32' };
  return rule === 'float16' ? { dtype: 'float16', ...original } : { dtype: 'uint8', ...rule, ...original };
}

/**
 * Writes a TensorFlow.js graph model, node by node, in the order in which it runs.
 * Every method adds one node and returns its name, so that a network reads as nested or successive calls.
 * Tensors are NHWC; filters are [height, width, in, out], depthwise filters [height, width, in, multiplier].
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #specs: Record<string, unknown>[] = [];
  readonly #chunks: Uint8Array[] = [];

  /** The network's input: a float tensor; −1 stands for the batch. */
  input(name: string, shape: number[]): string {
    const dim = shape.map((size) => ({ size: String(size) }));
    return this.#add(name, 'Placeholder', [], { dtype: float, shape: { shape: { dim } } });
  }

  /** A constant, whose values go to the weight file. */
  constant(name: string, weight: Weight): string {
    const { values, shape, dtype } = weight;
    const quantization = 'quantization' in weight ? quantizationSpec(weight.quantization) : undefined;
    this.#specs.push({ name, shape, dtype, ...(quantization && { quantization }) });
    this.#chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return this.#add(name, 'Const', [], { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } });
  }

  /** A float constant from plain numbers. */
  floats(name: string, shape: number[], values: ArrayLike<number>): string {
    return this.constant(name, { shape, dtype: 'float32', values: Float32Array.from(values) });
  }

  /** An integer constant from plain numbers, for shapes, axes and paddings. */
  integers(name: string, shape: number[], values: ArrayLike<number>): string {
    return this.constant(name, { shape, dtype: 'int32', values: Int32Array.from(values) });
  }

  /** Any operation without a method of its own. */
  op(name: string, op: string, input: string[], attr: Record<string, Attribute> = {}): string {
    return this.#add(name, op, input, { T: float, ...attr });
  }

  /**
   * Convolution with bias and, where named, an activation, as one fused node.
   * `alpha` is the name of the PReLU slope's constant when `activation` is `Prelu`.
   */
  convolution(
    name: string,
    x: string,
    filter: string,
    bias: string,
    options: {
      depthwise?: boolean;
      stride?: number;
      padding?: 'SAME' | 'VALID';
      activation?: 'Relu' | 'Relu6' | 'Prelu';
      alpha?: string;
    } = {},
  ): string {
    const { depthwise = false, stride = 1, padding = 'SAME', activation, alpha } = options;
    const args = alpha ? [bias, alpha] : [bias];
    const fused = activation ? ['BiasAdd', activation] : ['BiasAdd'];
    return this.#add(name, depthwise ? 'FusedDepthwiseConv2dNative' : '_FusedConv2D', [x, filter, ...args], {
      T: float,
      strides: integers([1, stride, stride, 1]),
      dilations: integers([1, 1, 1, 1]),
      padding: { s: base64(padding) },
      data_format: { s: base64('NHWC') },
      fused_ops: { list: { s: fused.map(base64) } },
      num_args: { i: String(args.length) },
      epsilon: { f: 0 },
    });
  }

  /** Depthwise convolution without a bias, padded to the same size. */
  depthwiseConvolution(name: string, x: string, filter: string, stride: number): string {
    return this.#add(name, 'DepthwiseConv2dNative', [x, filter], {
      T: float,
      strides: integers([1, stride, stride, 1]),
      dilations: integers([1, 1, 1, 1]),
      padding: { s: base64('SAME') },
      data_format: { s: base64('NHWC') },
    });
  }

  /** Moves channels into space: every pixel's channels become a block of `block`×`block` pixels. */
  depthToSpace(name: string, x: string, block: number): string {
    const attributes = { T: float, block_size: { i: String(block) }, data_format: { s: base64('NHWC') } };
    return this.#add(name, 'DepthToSpace', [x], attributes);
  }

  /** Maximum or average pooling. */
  pool(
    name: string,
    x: string,
    kind: 'MaxPool' | 'AvgPool',
    size: number,
    stride: number,
    padding: 'SAME' | 'VALID',
  ): string {
    return this.#add(name, kind, [x], {
      T: float,
      ksize: integers([1, size, size, 1]),
      strides: integers([1, stride, stride, 1]),
      padding: { s: base64(padding) },
      data_format: { s: base64('NHWC') },
    });
  }

  /** The finished model; its weight file is named `weights.bin`. */
  build(): GraphModel {
    const weights = Buffer.concat(this.#chunks);
    const json = {
      format: 'graph-model',
      modelTopology: { node: this.#nodes, versions: { producer: 808 } },
      weightsManifest: [{ paths: ['weights.bin'], weights: this.#specs }],
    };
    return { json, weights };
  }

  #add(name: string, op: string, input: string[], attr: Record<string, Attribute>): string {
    this.#nodes.push({ name, op, input, attr });
    return name;
  }
}
