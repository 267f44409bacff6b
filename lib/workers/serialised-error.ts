import { FaceNetError, type FaceNetErrorCode } from '../core/errors.ts';

/** An error as plain data. A structured clone would lose the class and the code of a {@link FaceNetError}. */
export interface SerialisedError {
  message: string;
  name: string;
  stack: string | undefined;
  code?: FaceNetErrorCode;
  cause?: SerialisedError;
}

/** Converts anything that was thrown into data that `postMessage` accepts. */
export function serialiseError(error: unknown): SerialisedError {
  if (!(error instanceof Error)) return { message: String(error), name: 'Error', stack: undefined };
  const { message, name, stack, cause } = error;
  return {
    message,
    name,
    stack,
    ...(error instanceof FaceNetError && { code: error.code }),
    ...(cause !== undefined && { cause: serialiseError(cause) }),
  };
}

/** Restores an error, with its class and its code. */
export function deserialiseError({ message, name, stack, code, cause }: SerialisedError): Error {
  const options = cause && { cause: deserialiseError(cause) };
  const error = code ? new FaceNetError(code, message, options) : Object.assign(new Error(message, options), { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}
