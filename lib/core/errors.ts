/** Every code that a {@link FaceNetError} can carry, with what it means. */
export const errorCodes = {
  'image-unreadable': 'The image could not be decoded or read.',
  'image-empty': 'The image has no pixels.',
  'image-type': 'The value is not an image that FaceNet accepts.',
  'image-tainted': 'The image comes from another origin, and the browser forbids reading its pixels.',
  'video-not-ready': 'The video has no frame to read yet.',
  'bitmap-detached': 'The ImageBitmap or VideoFrame was closed or transferred away.',
  'model-missing': 'A model or engine file could not be found or fetched.',
  'model-corrupt': 'A file does not have the size or SHA-256 that the manifest states.',
  'manifest-invalid': 'manifest.json is missing or is not a facenet-web manifest.',
  'option-invalid': 'An option has an unknown or impossible value.',
  'backend-unavailable': 'No asked-for backend runs the networks correctly here.',
  'worker-lost': 'The worker stopped while it had a picture that cannot be read again: ask again.',
  'insecure-context': 'The page is not served over HTTPS or from localhost.',
  'not-calibrated': 'The embedder has no calibration, so that its distances mean nothing yet.',
  'model-mismatch': 'Embeddings of different models cannot be compared.',
  disposed: 'The FaceNet or Gallery was used after dispose(), close() or erase().',
  'storage-unavailable': 'The browser does not let the page keep a gallery.',
  'storage-full': 'The browser has no room left for the gallery.',
  'gallery-corrupt': 'A record or an export of a gallery is damaged or was tampered with.',
  'gallery-version': 'The gallery or its export was made by a newer release.',
  'gallery-locked': 'The gallery is locked by its passphrase.',
  'key-wrong': 'The passphrase or template key is not the one that the gallery was made with.',
  'person-unknown': 'The gallery holds no person, or no template, of this id.',
  'examples-too-few': 'There are too few people, or too few faces of each, to train a head.',
  'head-invalid': 'A file is no saved head, or a damaged one.',
  'head-version': 'A saved head was made by a newer release.',
  'weights-mismatch': 'The weights are not those of the architecture.',
} as const;

/** What went wrong, for a program to act on. */
export type FaceNetErrorCode = keyof typeof errorCodes;

/**
 * The one error that facenet-web throws. `code` is stable and meant for programs; `message` says in one sentence what
 * the caller should do; `cause` is the underlying error where there is one. (An abort is not an error of the library:
 * it rejects with `signal.reason`.)
 */
export class FaceNetError extends Error {
  override readonly name = 'FaceNetError';
  readonly code: FaceNetErrorCode;

  constructor(code: FaceNetErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
