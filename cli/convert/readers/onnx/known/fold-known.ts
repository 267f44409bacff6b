import { unsupportedFile } from '../../../errors.ts';
import type { OperatorContext } from '../operator-context.ts';
import { integers, type Known, type Value } from '../values.ts';
import { elementwiseFolds } from './elementwise.ts';
import { movementFolds } from './movements.ts';

/** Computes an operator whose inputs are all known. */
export type Fold = (context: OperatorContext, inputs: readonly Known[]) => Known | readonly Known[];

const folds: Record<string, Fold> = { ...elementwiseFolds, ...movementFolds };

/**
 * Computes an operator in JavaScript if all of its inputs are known: arithmetic on shapes, and rearranged weights. A shape is known
 * whenever its tensor has been computed.
 *
 * @returns undefined if the operator depends on the image.
 */
export function foldKnown(context: OperatorContext): Value | readonly Value[] | undefined {
  const { op, inputs } = context.node;
  if (op === 'Shape') return shapeOf(context);
  if (op === 'Size') return integers([context.value().shape.reduce((product, size) => product * size, 1)], []);
  const fold = Object.hasOwn(folds, op) ? folds[op] : undefined;
  if (!fold) return undefined;
  const values = inputs.map((name, index) => (name === '' ? undefined : context.value(index)));
  if (values.some((value) => value?.kind === 'computed')) return undefined;
  return fold(context, values as Known[]);
}

function shapeOf(context: OperatorContext): Known {
  const { shape } = context.value();
  const start = context.int('start', 0);
  return integers(shape.slice(start, context.attribute('end') ? context.int('end', 0) : undefined));
}

/** The error for known values that cannot be computed. */
export function cannotFold(context: OperatorContext, problem: string): Error {
  return unsupportedFile(`${context.place} ${problem}, which cannot be converted.`);
}
