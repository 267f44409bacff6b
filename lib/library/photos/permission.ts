import { FaceNetError } from '../../core/errors.ts';

/** The names of the errors of a handle whose file may be read once the user allows it. */
const refusals: readonly unknown[] = ['NotAllowedError', 'SecurityError'];

/** Whether a handle threw an error because the user has not allowed the page to read its file. */
export function isRefusal(error: unknown): boolean {
  return refusals.includes((error as Partial<Error> | undefined)?.name);
}

/**
 * The error for files that may not be read yet.
 *
 * @param files their paths or number.
 * @param next what to call after the user has given the permission.
 */
export function permissionMissing(files: string, next: 'resume()' | 'add()', cause?: unknown): FaceNetError {
  return new FaceNetError(
    'permission-missing',
    `${files} cannot be read without the permission of the user: call requestPermission() of the handle, or of the handle of its folder, when the user clicks, and then ${next}.`,
    { cause },
  );
}
