import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Attribute, GraphModel } from '../../graph/graph-model.ts';
import { type Computed, elementCount, type Known, transposed } from './values.ts';

/** Writes nodes of a graph model under unused names, and rearranges tensors between the layouts of ONNX and TensorFlow. */
export class GraphWriter {
  readonly graph = new GraphBuilder();
  readonly #names: Set<string>;

  /** @param reserved names that no node gets. */
  constructor(reserved: Iterable<string>) {
    this.#names = new Set(reserved);
  }

  /** An unused name of a node. */
  unused(base: string): string {
    const name = nodeNameOf(base);
    let candidate = name;
    for (let i = 1; this.#names.has(candidate); i++) candidate = `${name}_${i}`;
    this.#names.add(candidate);
    return candidate;
  }

  /** Adds an operation and returns its node. */
  op(base: string, op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    return this.graph.op(this.unused(base), op, inputs, attributes);
  }

  /** Adds a constant of int32 and returns its node. */
  integers(base: string, shape: number[], values: readonly number[]): string {
    return this.graph.integers(this.unused(base), shape, values);
  }

  /** Adds a constant of float32 and returns its node. */
  floats(base: string, shape: readonly number[], values: ArrayLike<number>): string {
    return this.graph.floats(this.unused(base), [...shape], values);
  }

  /**
   * The node of a tensor with the given axes after its batch axis. Adds a `Transpose` only if axes larger than 1 change their order.
   *
   * @param order the axes; those that are left out must have the size 1.
   */
  arranged(value: Computed, order: readonly number[]): string {
    const { shape, order: from } = value;
    if (from.length === order.length && from.every((axis, i) => axis === order[i])) return value.node;
    const isLarge = (axis: number) => shape[axis] !== 1;
    const wanted = order.filter(isLarge);
    let { node } = value;
    let present = from.filter(isLarge);
    if (present.join() !== wanted.join()) {
      const sequence = [...wanted, ...from.filter((axis) => !isLarge(axis))];
      const perm = [0, ...sequence.map((axis) => from.indexOf(axis) + 1)];
      node = this.op(`${node}/transposed`, 'Transpose', [node, this.integers(`${node}/axes`, [perm.length], perm)]);
      present = sequence;
    } else present = [...from];
    if (present.join() === order.join()) return node;
    return this.reshaped(
      node,
      order.map((axis) => shape[axis] as number),
    );
  }

  /** The same values in another shape, which does not count the batch axis. */
  reshaped(node: string, shape: readonly number[]): string {
    const constant = this.integers(`${node}/shape`, [shape.length + 1], [-1, ...shape]);
    return this.op(`${node}/reshaped`, 'Reshape', [node, constant]);
  }

  /**
   * A known tensor as a constant operand of a tensor with the given axes. Leading axes of the size 1 are left out, so that a value for
   * each channel is a vector.
   *
   * @param rank the rank of the other operand.
   */
  operand(base: string, { shape, values }: Known, rank: number, order: readonly number[]): string {
    const aligned = [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const rest = aligned.map((_, axis) => axis).filter((axis) => !order.includes(axis));
    const arranged = transposed(values, aligned, [...rest, ...order]);
    const sizes = order.map((axis) => aligned[axis] as number);
    while (sizes.length > 0 && sizes[0] === 1) sizes.shift();
    return this.floats(base, sizes, arranged);
  }

  /** The finished graph, with some nodes renamed and a signature that lists the outputs. */
  build(names: ReadonlyMap<string, string>): GraphModel {
    const { json, weights } = this.graph.build();
    const { node, ...topology } = json.modelTopology as { node: { name: string; input: string[] }[] };
    const renamed = node.map((each) => ({
      ...each,
      name: names.get(each.name) ?? each.name,
      input: each.input.map((name) => names.get(name) ?? name),
    }));
    const outputs = Object.fromEntries([...names.values()].map((name) => [name, { name }]));
    return { json: { ...json, signature: { outputs }, modelTopology: { ...topology, node: renamed } }, weights };
  }
}

/** A name without the characters that have a meaning in references to nodes. */
export function nodeNameOf(name: string): string {
  return name.replace(/[^\w./-]/g, '_') || '_';
}

/** The usual order of the axes: NHWC for an image, otherwise that of ONNX; without the batch axis. */
export function usualOrder(shape: readonly number[]): number[] {
  if (shape.length === 4 && shape[0] === 1) return [2, 3, 1];
  return shape.map((_, axis) => axis).slice(shape[0] === 1 ? 1 : 0);
}

/**
 * How to reshape a tensor with the fewest moves of its values: the order of its axes before, and that of the new axes after it. Axes
 * of the size 1 are left out.
 */
export function reshapePlan(
  { shape, order }: Computed,
  target: readonly number[],
): { before: number[]; after: number[] } {
  const place = (axes: readonly number[]) => Math.min(...axes.map((axis) => order.indexOf(axis)));
  const groups = axisGroups(shape, target).sort((a, b) => place(a.from) - place(b.from));
  return { before: groups.flatMap(({ from }) => from), after: groups.flatMap(({ to }) => to) };
}

/** Splits two shapes of as many elements into the shortest runs of axes with the same product. Axes of the size 1 are left out. */
function axisGroups(shape: readonly number[], target: readonly number[]): { from: number[]; to: number[] }[] {
  const large = (sizes: readonly number[]) => sizes.map((_, axis) => axis).filter((axis) => sizes[axis] !== 1);
  const [left, right] = [large(shape), large(target)];
  const groups: { from: number[]; to: number[] }[] = [];
  while (left.length > 0 && right.length > 0) {
    const group = { from: [left.shift() as number], to: [right.shift() as number] };
    const size = (sizes: readonly number[], axes: number[]) => elementCount(axes.map((axis) => sizes[axis] as number));
    for (;;) {
      const [a, b] = [size(shape, group.from), size(target, group.to)];
      if (a === b) break;
      const next = a < b ? left.shift() : right.shift();
      if (next === undefined) break;
      (a < b ? group.from : group.to).push(next);
    }
    groups.push(group);
  }
  return groups;
}
