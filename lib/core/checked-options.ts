import { FaceNetError } from './errors.ts';
import type { Abortable } from './types.ts';

/** Checks what every options object has in common. @throws {FaceNetError} `option-invalid` when it is no object, or `signal` is no signal. */
export function checkedOptions<Options extends Abortable>(options: Options): Options {
  if (typeof options !== 'object' || options === null) {
    throw new FaceNetError('option-invalid', `The options are ${options}: pass an object, or leave them out.`);
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new FaceNetError('option-invalid', 'signal must be an AbortSignal: pass the signal of an AbortController.');
  }
  return options;
}
