/** The codes of {@link FaceNetError}, and what each means. */
export const errorCodes = {
  'image-unreadable': 'The image could not be decoded or read.',
  'image-empty': 'The image has no pixels.',
  'image-type': 'The value is not an image that FaceNet accepts.',
  'image-tainted': 'The image is from another origin, and the browser forbids reading its pixels.',
  'video-not-ready': 'The video has no frame to read yet.',
  'bitmap-detached': 'The ImageBitmap, VideoFrame or ImageData was closed or transferred.',
  'model-missing': 'A model, a WebAssembly file or a script of the library could not be found or fetched.',
  'model-corrupt': 'A file does not have the size or the SHA-256 of the manifest.',
  'manifest-invalid': 'manifest.json is not a facenet-web manifest.',
  'option-invalid': 'An option or an argument has an invalid value.',
  'backend-unavailable':
    'None of the requested backends runs the networks correctly here, or Argon2id cannot check a passphrase here.',
  'worker-lost': 'The worker stopped while it processed a picture that cannot be read again. Call again.',
  'insecure-context': 'The page is not served over HTTPS or from localhost.',
  'not-calibrated': 'The embedder has no calibration, so that its distances cannot be interpreted.',
  'model-mismatch': 'Embeddings of different models cannot be compared.',
  disposed: 'The FaceNet or Gallery was used after dispose(), close() or erase().',
  'storage-unavailable': 'The browser does not let the page store a gallery.',
  'storage-full': 'The storage quota is too small for the gallery.',
  'gallery-corrupt': 'A record or an export of a gallery is damaged or was manipulated.',
  'gallery-version': 'The gallery or its export was written by a newer release.',
  'library-version': 'The photo library or its export was written by a newer release.',
  'library-corrupt': 'A record or an export of a photo library is damaged.',
  'library-open': 'The photo library is open in another tab.',
  'library-unknown': 'The photo library has no photo, face or person with this id.',
  'permission-missing': 'The page may not read files of a photo library without the permission of the user.',
  'gallery-locked': 'The gallery is locked: unlock it with its passphrase.',
  'key-wrong': 'The passphrase or template key is not that of the gallery.',
  'person-unknown': 'The gallery has no person or no enrolled face with this id.',
  'examples-too-few': 'There are too few people, or too few faces per person, to train a head.',
  'head-invalid': 'A file is not a saved head, or is damaged.',
  'head-version': 'A saved head was written by a newer release.',
  'model-file-damaged': 'A model file to convert is damaged or was manipulated.',
  'model-file-unsupported': 'A model file to convert has a format, an operator or a layout that is not supported.',
  'weights-mismatch': 'The weights do not fit the architecture.',
} as const;

/** The code of a {@link FaceNetError}. */
export type FaceNetErrorCode = keyof typeof errorCodes;

/**
 * The error that every function of facenet-web throws, except on an abort, which rejects with `signal.reason`. `code`
 * is stable and meant for programs. `message` is meant for developers: it states the cause and what to do. `cause` is
 * the underlying error, if any.
 *
 * @example
 * try {
 *   await facenet.detect(photo);
 * } catch (error) {
 *   if (error instanceof FaceNetError && error.code === 'image-unreadable') tell('Choose another photo.');
 *   else throw error;
 * }
 */
export class FaceNetError extends Error {
  /** The name of the class. */
  override readonly name = 'FaceNetError';
  /** What went wrong, one of {@link errorCodes}. */
  readonly code: FaceNetErrorCode;

  /**
   * @param code the stable code.
   * @param message the cause and what to do, in English.
   * @param options the underlying error.
   */
  constructor(code: FaceNetErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
