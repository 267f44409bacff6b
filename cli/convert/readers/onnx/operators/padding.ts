import type { OperatorContext } from '../operator-context.ts';
import type { Computed } from '../values.ts';

/** Converts `Pad`. */
export function convertPad(context: OperatorContext): Computed {
  const x = context.computed();
  const rank = x.shape.length;
  const pads = context.integersOf(1, 'pads') ?? [];
  const mode = context.text('mode', 'constant');
  const value = context.has(2) ? (context.known(2).values[0] ?? 0) : context.float('value', 0);
  const around = (axis: number): [number, number] => [pads[axis] ?? 0, pads[axis + rank] ?? 0];
  const isPadded = (axis: number) => around(axis).some((count) => count !== 0);
  const axes = x.shape.map((_, axis) => axis);
  if (!axes.some(isPadded)) return x;
  if (pads.length !== 2 * rank || context.has(3) || pads.some((count) => count < 0)) {
    throw context.unsupported(`the padding [${pads}]`);
  }
  if (axes.some((axis) => isPadded(axis) && !x.order.includes(axis))) throw context.unsupported('padding of the batch');
  const shape = x.shape.map((size, axis) => size + around(axis)[0] + around(axis)[1]);
  const values = [0, 0, ...x.order.flatMap(around)];
  const paddings = context.integers('paddings', [x.order.length + 1, 2], values);
  const result = { shape, order: x.order };
  if (mode === 'reflect') return context.op('MirrorPad', [x.node, paddings], result, { mode: { s: btoa('REFLECT') } });
  if (mode !== 'constant') throw context.unsupported(`the mode ${mode}`);
  if (value === 0) return context.op('Pad', [x.node, paddings], result);
  return context.op('PadV2', [x.node, paddings, context.floats('value', [], [value])], result);
}
