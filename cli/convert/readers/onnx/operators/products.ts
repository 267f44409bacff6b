import { damaged } from '../../../errors.ts';
import type { OperatorContext } from '../operator-context.ts';
import { type Computed, floats, type Known, transposed, type Value } from '../values.ts';
import { combine } from './elementwise.ts';

/** Converts `Gemm`: alpha · A · B + beta · C. */
export function convertGemm(context: OperatorContext): Computed {
  const x = context.computedOf(2);
  if (context.int('transA', 0) !== 0) throw context.unsupported('transA');
  const stored = context.known(1);
  const matrix = context.int('transB', 0) === 1 ? transposedMatrix(stored) : stored;
  const product = matrixProduct(context, x, scaled(matrix, context.float('alpha', 1)));
  if (!context.has(2)) return product;
  return combine(context, 'AddV2', product, scaled(context.known(2), context.float('beta', 1)));
}

/** Converts `MatMul` of a row or of rows with a constant matrix, or of two tensors that depend on the image. */
export function convertMatMul(context: OperatorContext): Computed {
  const [left, right] = [context.value(0), context.value(1)];
  const [rows = 0] = left.shape;
  if (left.kind === 'computed' && right.kind === 'known' && left.shape.length === 2 && rows === 1) {
    return matrixProduct(context, left, right);
  }
  return batchProduct(context, left, right);
}

/** The product of a row [1, n] and a matrix [n, m]. */
export function matrixProduct(context: OperatorContext, x: Computed, matrix: Known): Computed {
  const [rows = 0, length = 0] = x.shape;
  const [inner = 0, columns = 0] = matrix.shape;
  if (matrix.shape.length !== 2 || inner !== length) {
    throw damaged(`${context.place} multiplies [${x.shape}] by [${matrix.shape}]`);
  }
  if (rows !== 1) return batchProduct(context, x, matrix);
  const { node, values } = flatRow(context, x, matrix);
  const constant = context.floats('matrix', [inner, columns], values);
  const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
  return context.op('MatMul', [node, constant], { shape: [1, columns], order: [1] }, attributes);
}

/** A row, and the values of the matrix in the order of its elements. */
function flatRow(
  context: OperatorContext,
  x: Computed,
  { shape, values }: Known,
): { node: string; values: Known['values'] } {
  const source = x.flattened;
  const [inner = 0, columns = 0] = shape;
  if (!source) return { node: context.arranged(x, [1]), values };
  // The row is an image whose axes would have to be transposed. The rows of the matrix are transposed instead.
  const sizes = [...source.shape, columns];
  const rest = source.shape.map((_, axis) => axis).filter((axis) => !source.order.includes(axis));
  const axes = [...rest, ...source.order, source.shape.length];
  return { node: context.writer.reshaped(source.node, [inner]), values: transposed(values, sizes, axes) };
}

/** The product of the last two axes of two tensors. */
function batchProduct(context: OperatorContext, left: Value, right: Value): Computed {
  const rank = Math.max(left.shape.length, right.shape.length);
  const [rows = 0, inner] = left.shape.slice(-2);
  const [other, columns = 0] = right.shape.slice(-2);
  const isPossible = left.shape.length === right.shape.length || right.kind === 'known';
  if (inner !== other || rank < 2 || right.shape.length < 2 || left.shape.length < 2 || !isPossible) {
    throw context.unsupported(`factors of the shapes [${left.shape}] and [${right.shape}]`);
  }
  const order = Array.from({ length: rank }, (_, axis) => axis).slice(rank > 2 && left.shape[0] === 1 ? 1 : 0);
  const operand = (value: Value, label: string) =>
    value.kind === 'computed'
      ? context.arranged(value, order)
      : context.floats(label, ones(value.shape, order.length + 1), value.values);
  const nodes = [operand(left, 'left'), operand(right, 'right')];
  const shape = [...left.shape.slice(0, -2), rows, columns];
  return context.op('BatchMatMulV2', nodes, { shape, order }, { adj_x: { b: false }, adj_y: { b: false } });
}

/** A shape with a given number of axes. */
function ones(shape: readonly number[], rank: number): number[] {
  const missing = Math.max(0, rank - shape.length);
  return [...new Array<number>(missing).fill(1), ...shape].slice(-rank);
}

function transposedMatrix({ shape, values }: Known): Known {
  const [rows = 0, columns = 0] = shape;
  return floats(transposed(values, shape, [1, 0]), [columns, rows]);
}

function scaled(known: Known, factor: number): Known {
  return factor === 1
    ? known
    : floats(
        known.values.map((value) => value * factor),
        known.shape,
      );
}
