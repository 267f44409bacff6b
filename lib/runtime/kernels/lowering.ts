import { logistic } from '../../core/math.ts';
import { type Constant, type GraphModel, type GraphNode, lengthOf, nodeName } from '../graph-model.ts';
import { concatenation, depthToSpace, elementwise, type Rearrangement, slice, softmax } from './rearrangement.ts';

/** A tensor in the engine's memory, one for each picture of a batch. */
export interface Tensor {
  height: number;
  width: number;
  channels: number;
  /** How many floats a pixel takes: the channels, and what fills them up to whole vectors. */
  floatsPerPixel: number;
  /** Whether its values must lie without any gap, as another shape, an output or JavaScript's own loops want them. */
  compact: boolean;
  /** How many rows and columns of zeros lie around it, for what reads beyond its edges. */
  frame: Frame;
}

/** Rows above and below, columns to the left and to the right. */
export interface Frame {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A tensor as an operation sees it: with some of the zeros around it, and zeros for channels that it does not have. */
export interface View extends Frame {
  tensor: Tensor;
  /** The shape for one picture: height, width and channels, or whatever a Reshape made of them. */
  shape: number[];
}

/** What becomes of each value at the end of an operation. */
export interface Activation {
  low: number;
  high: number;
  /** The slope of each channel below zero. */
  slopes?: Float32Array;
}

/** What the engine can do. */
export type Operation =
  | {
      kind: 'convolution';
      input: View;
      /** Height, width, inputs, outputs. */
      filter: Constant;
      bias: Float32Array | undefined;
      strides: [number, number];
      residual: View | undefined;
      activation: Activation;
      output: Tensor;
    }
  | {
      kind: 'depthwise';
      input: View;
      filter: Constant;
      bias: Float32Array | undefined;
      strides: [number, number];
      activation: Activation;
      output: Tensor;
    }
  | { kind: 'sum'; left: View; right: View | undefined; activation: Activation; output: Tensor }
  | {
      kind: 'pool';
      input: View;
      largest: boolean;
      window: [number, number];
      strides: [number, number];
      /** How far the first window reaches beyond the picture. */
      top: number;
      left: number;
      output: Tensor;
    }
  | { kind: 'resize'; input: View; alignCorners: boolean; halfPixels: boolean; output: Tensor }
  | { kind: 'rearrangement'; inputs: View[]; rearrange: Rearrangement; output: Tensor };

/** A network as the engine runs it. */
export interface Program {
  input: Tensor;
  operations: Operation[];
  outputs: Tensor[];
}

/** The engine does not know an operator, or not in this form: the network needs another runtime. */
export class UnsupportedOperator extends Error {
  override readonly name = 'UnsupportedOperator';
}

const unbounded: Activation = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
const noFrame: Frame = { top: 0, left: 0, bottom: 0, right: 0 };

/** The operators that show a tensor otherwise, under a name of its own, and compute nothing. */
const viewing = new Set(['Identity', 'Pad', 'PadV2', 'Reshape', 'Squeeze']);

/** Kernels load and store four floats at a time. */
const lanes = 4;

/**
 * Turns a graph model into the operations that the engine runs: only what the outputs need; bias, residual and activation are
 * part of the convolution before them; zeros around a picture and other shapes of a tensor are views, which cost nothing.
 *
 * @throws {UnsupportedOperator}
 */
export function lower(model: GraphModel, inputName: string, outputNames: readonly string[]): Program {
  return new Lowering(model, outputNames).program(inputName, outputNames);
}

class Lowering {
  readonly #nodes: GraphNode[];
  readonly #constants: Map<string, Constant>;
  /** How many nodes read each node; what another one shows otherwise counts as read by many. */
  readonly #readers = new Map<string, number>();
  readonly #views = new Map<string, View>();
  /** The operation that made a tensor. */
  readonly #makers = new Map<Tensor, Operation>();
  #operations: Operation[] = [];

  constructor({ nodes, constants }: GraphModel, outputNames: readonly string[]) {
    const needed = new Set(outputNames);
    for (const { name, input = [] } of [...nodes].reverse()) {
      if (!needed.has(name)) continue;
      for (const read of input.map(nodeName)) needed.add(read);
    }
    this.#nodes = nodes.filter(({ name }) => needed.has(name));
    this.#constants = constants;
    for (const name of [...outputNames, ...this.#nodes.flatMap(({ input = [] }) => input.map(nodeName))]) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
    for (const { name, op } of this.#nodes) if (viewing.has(op)) this.#readers.set(name, Number.POSITIVE_INFINITY);
  }

  program(inputName: string, outputNames: readonly string[]): Program {
    for (const node of this.#nodes) this.#views.set(node.name, this.#lower(node));
    const outputs = outputNames.map((name) => this.#compacted(this.#view(name), name).tensor);
    const input = this.#view(inputName).tensor;
    return { input, operations: this.#operations, outputs };
  }

  #lower(node: GraphNode): View {
    switch (node.op) {
      case 'Placeholder':
        return this.#placeholder(node);
      case 'Identity':
        return this.#input(node);
      case 'Conv2D':
      case '_FusedConv2D':
        return this.#convolution(node);
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative':
        return this.#depthwise(node);
      case 'MatMul':
      case '_FusedMatMul':
        return this.#product(node);
      case 'Add':
      case 'AddV2':
      case 'BiasAdd':
        return this.#sum(node);
      case 'Relu':
        return this.#activated(node, { low: 0, high: Number.POSITIVE_INFINITY });
      case 'Relu6':
        return this.#activated(node, { low: 0, high: 6 });
      case 'Prelu':
        return this.#activated(node, { ...unbounded, slopes: this.#slopes(node, 1) });
      case 'MaxPool':
      case 'AvgPool':
        return this.#pool(node);
      case 'Mean':
        return this.#mean(node);
      case 'Pad':
      case 'PadV2':
        return this.#padded(node);
      case 'ResizeBilinear':
        return this.#resize(node);
      case 'Reshape':
      case 'Squeeze':
        return this.#reshaped(node);
      case 'DepthToSpace':
      case 'ConcatV2':
      case 'Slice':
      case 'Mul':
      case 'Exp':
      case 'Sigmoid':
      case 'Softmax':
        return this.#rearranged(node);
      default:
        throw unsupported(node, 'is not known');
    }
  }

  #placeholder(node: GraphNode): View {
    const { shape } = (node.attr?.shape ?? {}) as { shape?: { dim?: { size: string | number }[] } };
    const [, height = -1, width = -1, channels = -1] = shape?.dim?.map(({ size }) => Number(size)) ?? [];
    if (height < 1 || width < 1 || channels !== 3) throw unsupported(node, 'is not a picture of three channels');
    return viewOf({ ...newTensor(height, width, channels), floatsPerPixel: channels });
  }

  #convolution(node: GraphNode): View {
    const filter = this.#constant(node, 1);
    const [rows = 1, columns = 1, inputs = 0, outputs = 0] = filter.shape;
    const strides = stridesOf(node);
    const input = this.#framed(this.#input(node), node, [rows, columns], strides);
    const [height = 0, width = 0, channels = 0] = input.shape;
    if (channels !== inputs) throw unsupported(node, `has groups`);
    const output = newTensor(outputSize(height, rows, strides[0]), outputSize(width, columns, strides[1]), outputs);
    const fused = this.#fused(node);
    return this.#emit({ kind: 'convolution', input, filter, strides, residual: undefined, ...fused, output });
  }

  #depthwise(node: GraphNode): View {
    const filter = this.#constant(node, 1);
    const [rows = 1, columns = 1, inputs = 0, multiplier = 0] = filter.shape;
    const strides = stridesOf(node);
    const input = this.#framed(this.#aligned(this.#input(node)), node, [rows, columns], strides);
    const [height = 0, width = 0, channels = 0] = input.shape;
    if (multiplier !== 1 || channels !== inputs) throw unsupported(node, 'makes several channels of one');
    const output = newTensor(outputSize(height, rows, strides[0]), outputSize(width, columns, strides[1]), channels);
    return this.#emit({ kind: 'depthwise', input, filter, strides, ...this.#fused(node), output });
  }

  /** A product of matrices is a convolution of a picture with one pixel. */
  #product(node: GraphNode): View {
    const filter = this.#constant(node, 1);
    const input = this.#compacted(this.#input(node), inputName(node));
    const [inputs = 0, outputs = 0] = filter.shape;
    if (
      node.attr?.transpose_a?.b ||
      node.attr?.transpose_b?.b ||
      input.shape.length !== 1 ||
      input.shape[0] !== inputs
    ) {
      throw unsupported(node, 'is not a vector times a matrix');
    }
    // Without gaps, what was flattened is a row of pixels, all of which the filter covers.
    const { floatsPerPixel } = input.tensor;
    const output = newTensor(1, 1, outputs, true);
    const view = this.#emit({
      kind: 'convolution',
      input,
      filter: filter.reshaped([1, inputs / floatsPerPixel, floatsPerPixel, outputs]),
      ...this.#fused(node),
      strides: [1, 1],
      residual: undefined,
      output,
    });
    return { ...view, shape: [outputs] };
  }

  /** The bias and the activation that are part of a convolution already. */
  #fused(node: GraphNode): { bias: Float32Array | undefined; activation: Activation } {
    const names = (node.attr?.fused_ops?.list?.s ?? []).map(text);
    const [first, second, ...more] = names[0] === 'BiasAdd' ? names : [undefined, ...names];
    const bias = first ? float(this.#constant(node, 2)) : undefined;
    if (more.length > 0) throw unsupported(node, `ends in ${names}`);
    if (second === undefined) return { bias, activation: unbounded };
    if (second === 'Relu') return { bias, activation: { low: 0, high: Number.POSITIVE_INFINITY } };
    if (second === 'Relu6') return { bias, activation: { low: 0, high: 6 } };
    if (second === 'Prelu') return { bias, activation: { ...unbounded, slopes: this.#slopes(node, first ? 3 : 2) } };
    throw unsupported(node, `ends in ${second}`);
  }

  #sum(node: GraphNode): View {
    const constant = this.#constants.get(inputName(node, 1));
    if (constant) return this.#withConstant(node, constant);
    const [left, right] = [this.#input(node, 0), this.#input(node, 1)];
    if (String(left.shape) !== String(right.shape) || left.shape.length !== 3) {
      throw unsupported(node, 'adds tensors of different shapes');
    }
    for (const [at, other] of [
      [1, left],
      [0, right],
    ] as const) {
      const convolution = this.#fusable(node, at, 'convolution');
      if (convolution?.kind === 'convolution' && !convolution.residual && isUnbounded(convolution.activation)) {
        const residual = this.#aligned(other);
        // It runs when the other is there too.
        this.#operations = [...this.#operations.filter((operation) => operation !== convolution), convolution];
        convolution.residual = residual;
        return viewOf(convolution.output);
      }
    }
    const output = newTensor(left.shape[0] ?? 0, left.shape[1] ?? 0, left.shape[2] ?? 0);
    return this.#emit({ kind: 'sum', left, right, activation: unbounded, output });
  }

  /** A constant added: the bias of the convolution before it, or else a sum in JavaScript. */
  #withConstant(node: GraphNode, constant: Constant): View {
    const maker = this.#fusable(node, 0, 'convolution') ?? this.#fusable(node, 0, 'depthwise');
    const fits = lengthOf(constant.shape) === maker?.output.channels;
    if (!maker || !fits || !('bias' in maker) || !isUnbounded(maker.activation)) return this.#rearranged(node);
    const { bias } = maker;
    maker.bias = float(constant).map((value, i) => value + (bias?.[i] ?? 0));
    return this.#input(node);
  }

  #activated(node: GraphNode, activation: Activation): View {
    for (const kind of ['convolution', 'depthwise', 'sum'] as const) {
      const maker = this.#fusable(node, 0, kind);
      if (!maker || !('activation' in maker) || !isUnbounded(maker.activation)) continue;
      maker.activation = activation;
      return this.#input(node);
    }
    const input = this.#spatial(node);
    const [height = 0, width = 0, channels = 0] = input.shape;
    const output = newTensor(height, width, channels);
    return this.#emit({ kind: 'sum', left: input, right: undefined, activation, output });
  }

  #slopes(node: GraphNode, at: number): Float32Array {
    const slopes = this.#constant(node, at);
    if (lengthOf(slopes.shape) !== slopes.shape.at(-1))
      throw unsupported(node, 'has slopes that differ within a channel');
    return float(slopes);
  }

  #pool(node: GraphNode): View {
    const input = this.#whole(this.#aligned(this.#spatial(node)));
    const [height = 0, width = 0, channels = 0] = input.shape;
    const [, rows = 1, columns = 1] = integers(node, 'ksize');
    const strides = stridesOf(node);
    const frame = frameFor(node, [height, width], [rows, columns], strides);
    return this.#emit({
      kind: 'pool',
      input,
      largest: node.op === 'MaxPool',
      window: [rows, columns],
      strides,
      top: frame.top,
      left: frame.left,
      output: newTensor(
        outputSize(height + frame.top + frame.bottom, rows, strides[0]),
        outputSize(width + frame.left + frame.right, columns, strides[1]),
        channels,
      ),
    });
  }

  /** The mean over height and width is one window. */
  #mean(node: GraphNode): View {
    const input = this.#whole(this.#aligned(this.#spatial(node)));
    const [height = 0, width = 0, channels = 0] = input.shape;
    const axes = [...this.#constant(node, 1).values].sort().join();
    if (axes !== '1,2') throw unsupported(node, `is over the axes ${axes}`);
    const keeps = node.attr?.keep_dims?.b === true;
    const output = newTensor(1, 1, channels, !keeps);
    const window: [number, number] = [height, width];
    const view = this.#emit({ kind: 'pool', input, largest: false, window, strides: [1, 1], top: 0, left: 0, output });
    return keeps ? view : { ...view, shape: [channels] };
  }

  /** Zeros around a tensor, or further channels of zeros: a view. */
  #padded(node: GraphNode): View {
    const view = this.#spatial(node);
    const [, , top = 0, bottom = 0, left = 0, right = 0, before = 0, after = 0] = this.#constant(node, 1).values;
    const [height = 0, width = 0, channels = 0] = view.shape;
    const value = node.op === 'PadV2' ? this.#constant(node, 2).values[0] : 0;
    if (before !== 0 || value !== 0) throw unsupported(node, 'puts something else than zeros behind the channels');
    const shape = [height + top + bottom, width + left + right, channels + after];
    return this.#withFrame(view, { top, bottom, left, right }, shape);
  }

  #resize(node: GraphNode): View {
    const input = this.#whole(this.#aligned(this.#spatial(node)));
    const [height = 0, width = 0] = this.#constant(node, 1).values;
    return this.#emit({
      kind: 'resize',
      input,
      alignCorners: node.attr?.align_corners?.b === true,
      halfPixels: node.attr?.half_pixel_centers?.b === true,
      output: newTensor(height, width, input.shape[2] ?? 0),
    });
  }

  #reshaped(node: GraphNode): View {
    const view = this.#compacted(this.#input(node), inputName(node));
    const length = view.shape.reduce((product, size) => product * size, 1);
    const asked =
      node.op === 'Squeeze' ? [1, ...view.shape.filter((size) => size !== 1)] : [...this.#constant(node, 1).values];
    const [pictures, ...shape] = asked;
    const known = shape.reduce((product, size) => product * Math.abs(size), 1);
    const resolved = shape.map((size) => (size === -1 ? length / known : size));
    if ((pictures !== 1 && pictures !== -1) || resolved.reduce((product, size) => product * size, 1) !== length) {
      throw unsupported(node, 'mixes the pictures of a batch');
    }
    return { ...view, shape: resolved };
  }

  /** What is small and rare, and done in JavaScript. */
  #rearranged(node: GraphNode): View {
    const names = (node.input ?? []).map(nodeName);
    const computed = names.filter((name) => !this.#constants.has(name));
    const inputs = computed.map((name) => this.#compacted(this.#view(name), name));
    const shapes = inputs.map(({ shape }) => shape);
    const { rearrange, shape } = this.#rearrangement(node, shapes);
    const length = shape.reduce((product, size) => product * size, 1);
    const [height = 1, width = 1, channels = 1] = shape.length === 3 ? shape : [1, 1, length];
    const output = newTensor(height, width, channels, true);
    return { ...this.#emit({ kind: 'rearrangement', inputs, rearrange, output }), shape };
  }

  #rearrangement(node: GraphNode, shapes: number[][]): { rearrange: Rearrangement; shape: number[] } {
    const [shape = []] = shapes;
    switch (node.op) {
      case 'DepthToSpace':
        if (shape.length !== 3) throw unsupported(node, 'is not of a picture');
        return depthToSpace(shape, Number(node.attr?.block_size?.i));
      case 'ConcatV2': {
        const axis = Number(this.#constant(node, shapes.length).values[0]);
        const rank = shape.length + 1;
        return concatenation(shapes, (axis < 0 ? axis + rank : axis) - 1);
      }
      case 'Slice':
        return slice(shape, [...this.#constant(node, 1).values].slice(1), [...this.#constant(node, 2).values].slice(1));
      case 'Exp':
        return { rearrange: elementwise(Math.exp), shape };
      case 'Sigmoid':
        return { rearrange: elementwise(logistic), shape };
      case 'Softmax':
        return { rearrange: softmax(shape.at(-1) ?? 1), shape };
      default: {
        const { values } = this.#constant(node, 1);
        const length = shape.reduce((product, size) => product * size, 1);
        if (length % values.length !== 0) throw unsupported(node, 'has a constant of another shape');
        const at = (i: number) => values[i % values.length] as number;
        return {
          rearrange: elementwise(node.op === 'Mul' ? (value, i) => value * at(i) : (value, i) => value + at(i)),
          shape,
        };
      }
    }
  }

  #emit(operation: Operation): View {
    this.#operations.push(operation);
    this.#makers.set(operation.output, operation);
    return viewOf(operation.output);
  }

  /** The operation that made an input, when nothing else reads that. */
  #fusable(node: GraphNode, at: number, kind: Operation['kind']): Operation | undefined {
    const name = inputName(node, at);
    const view = this.#views.get(name);
    if (!view || this.#readers.get(name) !== 1 || isPadded(view)) return undefined;
    const maker = this.#makers.get(view.tensor);
    return maker?.kind === kind ? maker : undefined;
  }

  #view(name: string): View {
    const view = this.#views.get(name);
    if (!view) throw new UnsupportedOperator(`${name} is not computed by the graph`);
    return view;
  }

  #input(node: GraphNode, at = 0): View {
    return this.#view(inputName(node, at));
  }

  #spatial(node: GraphNode): View {
    const view = this.#input(node);
    if (view.shape.length !== 3) throw unsupported(node, 'is not of a picture');
    return view;
  }

  #constant(node: GraphNode, at: number): Constant {
    const constant = this.#constants.get(inputName(node, at));
    if (!constant) throw unsupported(node, 'computes what the engine wants constant');
    return constant;
  }

  /** An input with the zeros around it that a filter of this size needs. */
  #framed(view: View, node: GraphNode, size: [number, number], strides: [number, number]): View {
    if (view.shape.length !== 3) throw unsupported(node, 'is not of a picture');
    if (integers(node, 'dilations').some((dilation) => dilation !== 1)) throw unsupported(node, 'is dilated');
    const [height = 0, width = 0, channels = 0] = view.shape;
    const frame = frameFor(node, [height, width], size, strides);
    const shape = [height + frame.top + frame.bottom, width + frame.left + frame.right, channels];
    const framed = this.#withFrame(view, frame, shape);
    return framed.tensor.channels === channels ? framed : this.#whole(framed);
  }

  #withFrame(view: View, frame: Frame, shape: number[]): View {
    const framed = {
      tensor: view.tensor,
      shape,
      top: view.top + frame.top,
      left: view.left + frame.left,
      bottom: view.bottom + frame.bottom,
      right: view.right + frame.right,
    };
    if (!hasFrame(framed)) return framed;
    if (view.tensor.compact) return this.#withFrame(this.#copied(view, false), frame, shape);
    const { frame: kept } = view.tensor;
    view.tensor.frame = {
      top: Math.max(kept.top, framed.top),
      left: Math.max(kept.left, framed.left),
      bottom: Math.max(kept.bottom, framed.bottom),
      right: Math.max(kept.right, framed.right),
    };
    return framed;
  }

  /** The view as a tensor without gaps. */
  #compacted(view: View, name: string): View {
    const { tensor } = view;
    if (tensor.compact && !isPadded(view)) return view;
    // What other kernels read, or make, goes by whole vectors.
    const isFree = this.#readers.get(name) === 1 && this.#makers.get(tensor)?.kind === 'convolution';
    const isWhole = tensor.channels === tensor.floatsPerPixel && tensor.channels % lanes === 0;
    if (hasFrame(tensor.frame) || isPadded(view) || !(isWhole || isFree)) return this.#copied(view, true);
    tensor.compact = true;
    tensor.floatsPerPixel = tensor.channels;
    return view;
  }

  /** The view of a tensor whose pixels begin at whole vectors. */
  #aligned(view: View): View {
    return view.tensor.floatsPerPixel % lanes === 0 ? view : this.#copied(view, false);
  }

  /** The view, with every channel that it shows being there. */
  #whole(view: View): View {
    return isPadded(view) ? this.#copied(view, false) : view;
  }

  #copied(view: View, compact: boolean): View {
    const [height = 0, width = 0, channels = 0] = view.shape;
    if (view.shape.length !== 3) throw new UnsupportedOperator('a copy of what is not a picture');
    const output = newTensor(height, width, channels, compact);
    return this.#emit({ kind: 'sum', left: view, right: undefined, activation: unbounded, output });
  }
}

function newTensor(height: number, width: number, channels: number, compact = false): Tensor {
  const floatsPerPixel = compact ? channels : Math.ceil(channels / lanes) * lanes;
  return { height, width, channels, floatsPerPixel, compact, frame: noFrame };
}

function viewOf(tensor: Tensor): View {
  return { tensor, shape: [tensor.height, tensor.width, tensor.channels], ...noFrame };
}

function hasFrame({ top, left, bottom, right }: Frame): boolean {
  return top + left + bottom + right > 0;
}

/** Whether a view shows more than the tensor holds. */
function isPadded(view: View): boolean {
  const shown = view.shape.reduce((product, size) => product * size, 1);
  return shown !== view.tensor.height * view.tensor.width * view.tensor.channels;
}

function isUnbounded({ low, high, slopes }: Activation): boolean {
  return low === unbounded.low && high === unbounded.high && !slopes;
}

function unsupported({ op, name }: GraphNode, what: string): UnsupportedOperator {
  return new UnsupportedOperator(`the operator ${op} (${name}) ${what}`);
}

function float({ values }: Constant): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The node that gives an input. */
function inputName({ input }: GraphNode, at = 0): string {
  return nodeName(input?.[at] ?? '');
}

function integers({ attr }: GraphNode, name: string): number[] {
  return (attr?.[name]?.list?.i ?? []).map(Number);
}

function text(base64: string | undefined): string {
  return atob(base64 ?? '');
}

function stridesOf(node: GraphNode): [number, number] {
  const [, rows = 1, columns = 1] = integers(node, 'strides');
  return [rows, columns];
}

/** The zeros that TensorFlow's padding `SAME` puts around a picture; none for `VALID`. */
function frameFor(
  node: GraphNode,
  [height, width]: [number, number],
  [rows, columns]: [number, number],
  [down, across]: [number, number],
): Frame {
  const padding = text(node.attr?.padding?.s);
  if (text(node.attr?.data_format?.s) === 'NCHW') throw unsupported(node, 'has its channels first');
  if (padding === 'VALID') return noFrame;
  if (padding !== 'SAME') throw unsupported(node, `has padding ${padding}`);
  const vertical = Math.max(0, (Math.ceil(height / down) - 1) * down + rows - height);
  const horizontal = Math.max(0, (Math.ceil(width / across) - 1) * across + columns - width);
  const top = Math.floor(vertical / 2);
  const left = Math.floor(horizontal / 2);
  return { top, left, bottom: vertical - top, right: horizontal - left };
}

function outputSize(size: number, window: number, stride: number): number {
  return Math.floor((size - window) / stride) + 1;
}
