import { FaceNetError } from '../../lib/core/errors.ts';

/** The error for a damaged or manipulated model file. @param problem what is wrong, without a full stop. */
export function damaged(problem: string, options?: { cause?: unknown }): FaceNetError {
  return new FaceNetError('model-file-damaged', `${problem}: use an undamaged copy.`, options);
}

/**
 * The error for a model file, or a part of it, that is intact and that facenet-web does not convert.
 *
 * @param message a sentence that names the part and says what to do.
 */
export function unsupportedFile(message: string, options?: { cause?: unknown }): FaceNetError {
  return new FaceNetError('model-file-unsupported', message, options);
}
