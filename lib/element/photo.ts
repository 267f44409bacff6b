import { abortable } from '../core/cancellation.ts';
import { IdleTimeout, maxIdleTime } from '../core/idle-timeout.ts';
import { isWebpWithExif } from '../image/webp-chunks.ts';
import { decodeImage, FaceNetError } from '../index.ts';
import type { Recognition } from './recognition.ts';
import { statusText } from './status-text.ts';

/**
 * Downloads a photo.
 *
 * @throws {FaceNetError} `image-unreadable` when it cannot be fetched, or the server sends nothing for {@link maxIdleTime};
 *   `signal.reason` when aborted.
 */
export async function fetchPhoto(address: string, signal: AbortSignal): Promise<Blob> {
  const idle = new IdleTimeout(signal, () =>
    unreadable(`${address} sent nothing for ${maxIdleTime} seconds: check the network, then set the source again.`),
  );
  try {
    const response = await fetch(address, { signal: idle.signal });
    if (!response.ok) throw unreadable(`${address} answered ${response.status}: check the address.`);
    return await bodyOf(response, idle);
  } catch (cause) {
    idle.signal.throwIfAborted();
    if (cause instanceof FaceNetError) throw cause;
    throw unreadable(`${address} could not be fetched: check the address.`, { cause });
  } finally {
    idle.end();
  }
}

/** Reads a body chunk by chunk: a slow download may take any time, but not stand still. */
async function bodyOf(response: Response, idle: IdleTimeout): Promise<Blob> {
  const chunks: BlobPart[] = [];
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    idle.restart();
    chunks.push(read.value);
  }
  return new Blob(chunks, { type: response.headers.get('content-type') ?? '' });
}

function unreadable(message: string, options?: { cause: unknown }): FaceNetError {
  return new FaceNetError('image-unreadable', message, options);
}

/** Finds and identifies the faces of a photo, shows them and dispatches the events. */
export async function recognisePhoto(
  photo: Blob,
  { facenet, gallery, view, dispatch, texts }: Recognition,
  signal: AbortSignal,
): Promise<void> {
  const { picture, width, height } = await abortable(shownPhoto(photo, signal), signal);
  const faces = await facenet.embed(photo, { signal });
  const description = texts.faces(faces.length);
  if ('alt' in picture) picture.alt = description;
  else picture.ariaLabel = description;
  const marks = [];
  for (const face of faces) {
    const match = gallery && (await abortable(gallery.identify(face, { signal }), signal)).match;
    marks.push({ box: face.box, quality: face.quality, label: match?.person.name ?? '' });
    if (match) dispatch('identified', { face, person: match.person, probability: match.probability });
  }
  signal.throwIfAborted();
  view.show(picture);
  view.mark(marks, { width, height }, false);
  view.setStatus(statusText(marks, texts));
  dispatch('faces', { faces });
}

/** An element with a photo, and the size of the photo in it. */
interface ShownPhoto {
  picture: HTMLImageElement | HTMLCanvasElement;
  width: number;
  height: number;
}

/** A photo turned as `embed()` turns it. Chromium does not turn WebP files in image elements. */
async function shownPhoto(photo: Blob, signal: AbortSignal): Promise<ShownPhoto> {
  if (await isWebpWithExif(photo)) return canvasOf(await decodeImage(photo, { signal }));
  const picture = await imageOf(photo);
  return { picture, width: picture.naturalWidth, height: picture.naturalHeight };
}

/** @param bitmap is transferred to the canvas. */
function canvasOf(bitmap: ImageBitmap): ShownPhoto {
  const { width, height } = bitmap;
  const picture = document.createElement('canvas');
  Object.assign(picture, { width, height, role: 'img' });
  picture.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
  return { picture, width, height };
}

async function imageOf(photo: Blob): Promise<HTMLImageElement> {
  const image = document.createElement('img');
  const url = URL.createObjectURL(photo);
  image.src = url;
  // Ignored: embed() reports an unreadable image with a better message.
  await image.decode().catch(() => {});
  URL.revokeObjectURL(url);
  return image;
}
