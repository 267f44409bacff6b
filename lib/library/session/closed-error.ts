import { FaceNetError } from '../../core/errors.ts';

/** The error of calls of a library that is closed. @param reason completes the sentence "The library …". */
export function closedError(reason: string): FaceNetError {
  return new FaceNetError('disposed', `The library ${reason}: open it again with Library.open().`);
}
