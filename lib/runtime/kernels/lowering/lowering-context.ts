import type { Constant } from '../../constant.ts';
import { type GraphModel, type GraphNode, nodeName } from '../../graph-model.ts';
import { inputName, UnsupportedOperatorError, unsupported } from './node-attributes.ts';
import type { Operation, Padding, Program, Tensor, View } from './program.ts';
import { createTensor, exceedsTensor, hasPadding, identity, lanes, noPadding, viewOf } from './views.ts';

/** Operators that compute nothing: their result is a view of their input. */
const viewOperators = new Set(['Identity', 'Pad', 'PadV2', 'Reshape', 'Squeeze']);

/** The state of a lowering: the program so far, and for each lowered node the view of its result. */
export class LoweringContext {
  /** The nodes that the outputs depend on, in topological order. */
  readonly nodes: GraphNode[];
  readonly #constants: Map<string, Constant>;
  /** Number of readers of each node. The result of a view operator shares a tensor, so it counts as having many. */
  readonly #readerCounts = new Map<string, number>();
  readonly #views = new Map<string, View>();
  /** The operation that computes each tensor. */
  readonly #producers = new Map<Tensor, Operation>();
  /** The padding of nodes that pad for a maximum, whose result is a view without it. */
  readonly #ignoredPaddings = new Map<string, Padding>();
  #operations: Operation[] = [];

  constructor({ nodes, constants }: GraphModel, outputNames: readonly string[]) {
    const needed = new Set(outputNames);
    for (const { name, input = [] } of [...nodes].reverse()) {
      if (!needed.has(name)) continue;
      for (const read of input.map(nodeName)) needed.add(read);
    }
    this.nodes = nodes.filter(({ name }) => needed.has(name));
    this.#constants = constants;
    for (const name of [...outputNames, ...this.nodes.flatMap(({ input = [] }) => input.map(nodeName))]) {
      this.#readerCounts.set(name, (this.#readerCounts.get(name) ?? 0) + 1);
    }
    for (const { name, op } of this.nodes) {
      if (viewOperators.has(op)) this.#readerCounts.set(name, Number.POSITIVE_INFINITY);
    }
  }

  /** Sets the result of a node. */
  setView(name: string, view: View): void {
    this.#views.set(name, view);
  }

  /** The program, once all nodes are lowered. */
  program(inputName: string, outputNames: readonly string[]): Program {
    const outputs = outputNames.map((name) => this.contiguous(this.view(name), name).tensor);
    const input = this.view(inputName).tensor;
    return { input, operations: this.#operations, outputs };
  }

  /** Appends an operation and returns the view of its output. */
  emit(operation: Operation): View {
    this.#operations.push(operation);
    this.#producers.set(operation.output, operation);
    return viewOf(operation.output);
  }

  /** Moves an operation to the end of the program, after operations that it has come to depend on. */
  moveToEnd(operation: Operation): void {
    this.#operations = [...this.#operations.filter((other) => other !== operation), operation];
  }

  /** Records the padding of a node that maxima ignore. */
  ignorePadding(name: string, padding: Padding): void {
    this.#ignoredPaddings.set(name, padding);
  }

  /** The padding of a node that a maximum over its result ignores. */
  ignoredPadding(name: string): Padding {
    return this.#ignoredPaddings.get(name) ?? noPadding;
  }

  /** Whether every reader of a node is a `MaxPool`. */
  onlyMaxPoolsRead(name: string): boolean {
    const readers = this.nodes.filter(({ input = [] }) => input.map(nodeName).includes(name));
    return readers.length > 0 && readers.every(({ op }) => op === 'MaxPool');
  }

  /** The operation of a kind that computes an input, if this node is its only reader: the node can be fused into it. */
  fusibleProducer<Kind extends Operation['kind']>(
    node: GraphNode,
    index: number,
    kind: Kind,
  ): Extract<Operation, { kind: Kind }> | undefined {
    const name = inputName(node, index);
    const view = this.#views.get(name);
    if (!view || this.#readerCounts.get(name) !== 1 || exceedsTensor(view)) return undefined;
    const producer = this.#producers.get(view.tensor);
    return producer?.kind === kind ? (producer as Extract<Operation, { kind: Kind }>) : undefined;
  }

  /** The result of a node. */
  view(name: string): View {
    const view = this.#views.get(name);
    if (!view) throw new UnsupportedOperatorError(`the graph does not compute "${name}"`);
    return view;
  }

  /** An input that is not constant. */
  input(node: GraphNode, index = 0): View {
    return this.view(inputName(node, index));
  }

  /** The first input, with the shape height, width, channels. */
  imageInput(node: GraphNode): View {
    const view = this.input(node);
    if (view.shape.length !== 3) throw unsupported(node, 'has an input whose rank is not 4');
    return view;
  }

  /** Whether an input is constant. */
  isConstant(name: string): boolean {
    return this.#constants.has(name);
  }

  /** A constant input. */
  constant(node: GraphNode, index: number): Constant {
    const constant = this.#constants.get(inputName(node, index));
    if (!constant) throw unsupported(node, `computes its input ${index}, which must be constant`);
    return constant;
  }

  /** A view with padding around it; the padding is stored with the tensor. */
  padded(view: View, padding: Padding, shape: number[]): View {
    const padded = {
      tensor: view.tensor,
      shape,
      top: view.top + padding.top,
      left: view.left + padding.left,
      bottom: view.bottom + padding.bottom,
      right: view.right + padding.right,
    };
    if (!hasPadding(padded)) return padded;
    if (view.tensor.contiguous) return this.padded(this.copied(view, false), padding, shape);
    const { padding: stored } = view.tensor;
    view.tensor.padding = {
      top: Math.max(stored.top, padded.top),
      left: Math.max(stored.left, padded.left),
      bottom: Math.max(stored.bottom, padded.bottom),
      right: Math.max(stored.right, padded.right),
    };
    return padded;
  }

  /** The view as a contiguous tensor; copies it only if its producer cannot write it so. */
  contiguous(view: View, name: string): View {
    const { tensor } = view;
    if (tensor.contiguous && !exceedsTensor(view)) return view;
    // Only convolutions write pixels that do not fill whole vectors, and other readers expect whole vectors.
    const canShrink = this.#readerCounts.get(name) === 1 && this.#producers.get(tensor)?.kind === 'convolution';
    const fillsVectors = tensor.channels === tensor.floatsPerPixel && tensor.channels % lanes === 0;
    if (hasPadding(tensor.padding) || exceedsTensor(view) || !(fillsVectors || canShrink))
      return this.copied(view, true);
    tensor.contiguous = true;
    tensor.floatsPerPixel = tensor.channels;
    return view;
  }

  /** The view with pixels that start at whole vectors. */
  vectorAligned(view: View): View {
    return view.tensor.floatsPerPixel % lanes === 0 ? view : this.copied(view, false);
  }

  /** The view with all of its elements in memory, none of them implied zeros. */
  materialised(view: View): View {
    return exceedsTensor(view) ? this.copied(view, false) : view;
  }

  /** A copy of a view, as a tensor of its own. */
  copied(view: View, contiguous: boolean): View {
    const [height = 0, width = 0, channels = 0] = view.shape;
    if (view.shape.length !== 3) throw new UnsupportedOperatorError('a tensor whose rank is not 4 would need a copy');
    const output = createTensor(height, width, channels, contiguous);
    return this.emit({ kind: 'sum', left: view, right: undefined, activation: identity, output });
  }
}
