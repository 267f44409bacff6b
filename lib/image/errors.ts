import { FaceNetError } from '../core/errors.ts';

/** The error for a bitmap, frame or buffer that was closed or transferred to another thread. */
export function detachedError(type: string): FaceNetError {
  return new FaceNetError('bitmap-detached', `The ${type} was closed or transferred: pass one that is still open.`);
}

/** The error for a picture of another origin, whose pixels the browser does not let the page read. */
export function taintedError(cause: unknown): FaceNetError {
  return new FaceNetError(
    'image-tainted',
    'The browser forbids reading this image: serve it from the same origin, or with CORS and crossorigin="anonymous".',
    { cause },
  );
}

/** The error for a picture that the browser cannot decode. */
export function undecodableError(cause: unknown): FaceNetError {
  return new FaceNetError(
    'image-unreadable',
    'The image could not be decoded: pass a format that this browser supports, and an SVG in an image element.',
    { cause },
  );
}
