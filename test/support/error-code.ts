import { FaceNetError } from '../../lib/core/errors.ts';

/** The code of the FaceNetError that a call rejects with, `no error` if it succeeds, or any other error itself. */
export async function errorCodeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    return error instanceof FaceNetError ? error.code : error;
  }
}
