import { FaceNetError } from '../index.ts';
import type { Recognition } from './recognition.ts';
import { statusText } from './status-text.ts';

/** Downloads a photo. @throws {FaceNetError} `image-unreadable`; `signal.reason` when aborted. */
export async function fetchPhoto(address: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(address, { signal }).catch((cause) => {
    signal.throwIfAborted();
    throw new FaceNetError('image-unreadable', `${address} could not be fetched: check the address.`, { cause });
  });
  if (response.ok) return response.blob();
  throw new FaceNetError('image-unreadable', `${address} answered ${response.status}: check the address.`);
}

/** Finds and identifies the faces of a photo, shows them and dispatches the events. */
export async function recognisePhoto(
  photo: Blob,
  { facenet, gallery, view, dispatch, texts }: Recognition,
  signal: AbortSignal,
): Promise<void> {
  const image = await decodeImage(photo);
  // Of a WebP file Chromium shows the stored picture, but facenet applies its orientation: embed what is shown.
  const isShown = photo.type === 'image/webp' && image.naturalWidth > 0;
  const faces = await facenet.embed(isShown ? image : photo, { signal });
  const { naturalWidth: width, naturalHeight: height } = image;
  image.alt = texts.faces(faces.length);
  const marks = [];
  for (const face of faces) {
    const match = gallery && (await gallery.identify(face, { signal })).match;
    marks.push({ box: face.box, quality: face.quality, label: match?.person.name ?? '' });
    if (match) dispatch('identified', { face, person: match.person, probability: match.probability });
  }
  signal.throwIfAborted();
  view.show(image);
  view.mark(marks, { width, height }, false);
  view.setStatus(statusText(marks, texts));
  dispatch('faces', { faces });
}

async function decodeImage(photo: Blob): Promise<HTMLImageElement> {
  const image = document.createElement('img');
  const url = URL.createObjectURL(photo);
  image.src = url;
  // Ignored: embed() reports an unreadable image with a better message.
  await image.decode().catch(() => {});
  URL.revokeObjectURL(url);
  return image;
}
