import { FaceNetError } from './errors.ts';
import { equivalents, nearestName } from './option-names.ts';
import type { Abortable } from './types.ts';

/** The names of the options of a type, without `signal`. The compiler reports a name that is missing or not in the type. */
export type OptionNames<Options> = { readonly [Name in Exclude<keyof Options, 'signal'>]-?: true };

/** The argument for the names: none if `signal` is the only option. */
type NamesArgument<Options> = keyof OptionNames<Options> extends never ? [] : [names: OptionNames<Options>];

/**
 * Checks the options of a function that cannot be cancelled.
 *
 * @param names the names of the options.
 * @throws {FaceNetError} `option-invalid` when they are no object or have an unknown option.
 */
export function checkedNames<Options extends object>(options: Options, names: OptionNames<Options>): Options {
  checkNames(options, Object.keys(names));
  return options;
}

/**
 * Checks the options of a function that `signal` cancels.
 *
 * @param names the names of the other options.
 * @throws {FaceNetError} `option-invalid` when they are no object, have an unknown option, or `signal` is no signal.
 */
export function checkedOptions<Options extends Abortable>(
  options: Options,
  ...[names]: NamesArgument<Options>
): Options {
  checkNames(options, [...Object.keys(names ?? {}), 'signal']);
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new FaceNetError('option-invalid', 'signal must be an AbortSignal: pass the signal of an AbortController.');
  }
  return options;
}

function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new FaceNetError('option-invalid', `The options are ${options}: pass an object, or leave them out.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(name, known);
  }
}

function unknownOption(name: string, known: readonly string[]): FaceNetError {
  const equivalent = Object.hasOwn(equivalents, name) ? equivalents[name] : undefined;
  const nearest = nearestName(name, known);
  const advice = equivalent
    ? `use ${equivalent}`
    : nearest
      ? `did you mean "${nearest}"?`
      : `the options are "${known.join('", "')}"`;
  return new FaceNetError(
    'option-invalid',
    `There is no option "${name}" here: ${advice}${advice.endsWith('?') ? '' : '.'}`,
  );
}
