import { withActiveTimeout } from '../core/active-timeout.ts';
import { FaceNetError } from '../core/errors.ts';

/** The maximum time that an image element may take to load, in seconds. */
const maxLoadTime = 30;

/**
 * Decodes an image element as the browser shows it. An element that the browser does not load, such as a lazy image
 * outside the viewport, is loaded through a copy.
 *
 * @throws {FaceNetError} `image-unreadable` when it fails to load, or does not load within {@link maxLoadTime};
 *   `image-empty` when it has no size; `signal.reason` when aborted.
 */
export async function imageElementBitmap(
  image: HTMLImageElement,
  signal: AbortSignal | undefined,
): Promise<ImageBitmap> {
  const source = isIdle(image) ? eagerCopy(image) : image;
  const timeoutError = () =>
    new FaceNetError(
      'image-unreadable',
      `The image element did not load within ${maxLoadTime} seconds: check its URL and the network, or call again after its "load" event.`,
    );
  const ended = new AbortController();
  try {
    await withActiveTimeout(requireLoaded(source, ended.signal), maxLoadTime, timeoutError, signal);
  } finally {
    ended.abort();
  }
  try {
    return await createImageBitmap(source);
  } catch (cause) {
    throw (await hasNoSize(source)) ? noSizeError() : notLoadedError(cause);
  }
}

/**
 * Whether the browser does not load an element: it loads a lazy image only near the viewport, not while it is hidden or
 * detached, and never loads an image of a document without a window, such as a template's content.
 */
function isIdle(image: HTMLImageElement): boolean {
  if (image.naturalWidth > 0) return false;
  return !image.ownerDocument.defaultView || (image.loading === 'lazy' && !image.complete);
}

/** An element that loads the source of another at once. The other is not changed, because the page may depend on it. */
function eagerCopy(image: HTMLImageElement): HTMLImageElement {
  const owner = image.ownerDocument.defaultView ? image.ownerDocument : document;
  const copy = owner.createElement('img');
  const { parentElement } = image;
  if (parentElement?.localName === 'picture') {
    const sources = [...parentElement.children].filter(({ localName }) => localName === 'source');
    owner.createElement('picture').append(...sources.map((source) => owner.importNode(source)), copy);
  }
  for (const name of ['crossorigin', 'referrerpolicy', 'sizes', 'srcset']) {
    const value = image.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  // The property is the absolute URL: the copy's document may have another base URL.
  if (image.hasAttribute('src')) copy.src = image.src;
  return copy;
}

async function requireLoaded(image: HTMLImageElement, ended: AbortSignal): Promise<void> {
  // Not decode(): in a document without a window it rejects even if the image can be read.
  if (!image.complete) await loadEvent(image, ended);
  if (image.naturalWidth > 0 && image.naturalHeight > 0) return;
  // A broken image has no size either, but only that of a readable one can be decoded.
  await image.decode().catch((cause) => {
    throw notLoadedError(cause);
  });
  throw noSizeError();
}

function loadEvent(image: HTMLImageElement, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    image.addEventListener('load', () => resolve(), { signal: ended });
    image.addEventListener('error', () => reject(notLoadedError()), { signal: ended });
  });
}

/** Whether an SVG has no size of its own. It can be decoded at a given size only. */
async function hasNoSize(image: HTMLImageElement): Promise<boolean> {
  try {
    (await createImageBitmap(image, { resizeWidth: 1, resizeHeight: 1 })).close();
    return true;
  } catch {
    return false;
  }
}

function noSizeError(): FaceNetError {
  return new FaceNetError(
    'image-empty',
    'The image has no size of its own: give the SVG a width and a height above 0.',
  );
}

function notLoadedError(cause?: unknown): FaceNetError {
  return new FaceNetError('image-unreadable', 'The image element did not load: check its URL and its format.', {
    cause,
  });
}
