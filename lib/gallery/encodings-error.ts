import { FaceNetError } from '../core/errors.ts';

/** The error for a file without encodings. @param fault the reason, as a clause. */
export function invalidEncodings(fault: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `The file has no encodings that can be read, because ${fault}: pass a JSON list of lists of numbers, or what numpy.save or numpy.savez wrote.`,
    { cause },
  );
}
