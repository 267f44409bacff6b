import { FaceNetError } from './errors.ts';
import { equivalents, nearestName } from './option-names.ts';
import type { Abortable } from './types.ts';

/** The names of the options of a type, without `signal`. The compiler reports a name that is missing or not in the type. */
export type OptionNames<Options> = { readonly [Name in Exclude<keyof Options, 'signal'>]-?: true };

/** The argument for the names: none if `signal` is the only option. */
type NamesArgument<Options> = keyof OptionNames<Options> extends never ? [] : [names: OptionNames<Options>];

/**
 * Checks what every options object has in common. `signal` is always allowed.
 *
 * @param names the names of the other options.
 * @throws {FaceNetError} `option-invalid` when it is no object, has an unknown option, or `signal` is no signal.
 */
export function checkedOptions<Options extends object>(
  options: Options & Abortable,
  ...[names]: NamesArgument<Options>
): Options & Abortable {
  if (typeof options !== 'object' || options === null) {
    throw new FaceNetError('option-invalid', `The options are ${options}: pass an object, or leave them out.`);
  }
  for (const name of Object.keys(options)) {
    if (name !== 'signal' && !Object.hasOwn(names ?? {}, name)) throw unknownOption(name, Object.keys(names ?? {}));
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new FaceNetError('option-invalid', 'signal must be an AbortSignal: pass the signal of an AbortController.');
  }
  return options;
}

function unknownOption(name: string, known: readonly string[]): FaceNetError {
  const all = [...known, 'signal'];
  const equivalent = Object.hasOwn(equivalents, name) ? equivalents[name] : undefined;
  const nearest = nearestName(name, all);
  const advice = equivalent
    ? `use ${equivalent}`
    : nearest
      ? `did you mean "${nearest}"?`
      : `the options are "${all.join('", "')}"`;
  return new FaceNetError(
    'option-invalid',
    `There is no option "${name}" here: ${advice}${advice.endsWith('?') ? '' : '.'}`,
  );
}
