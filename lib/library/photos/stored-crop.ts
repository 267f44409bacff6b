import { checkedOptions } from '../../core/checked-options.ts';
import { boxAround, boxCentre } from '../../core/math.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Abortable, Box, EmbeddedFace, Face } from '../../core/types.ts';
import type { LibraryFace, LibraryFaceNet } from '../model/types.ts';
import { type EncodedImage, encodeCanvas } from './encoded-image.ts';

/** The side of a stored crop, in pixels. */
const cropSide = 160;
/** The side of the square that a crop shows, in sides of the face's box. */
const cropMargin = 1.5;
/** The least overlap of a face with the place that a crop has it at, as intersection over union. A face beside it has none. */
const minOverlap = 0.3;

/** Cuts a face out of a photo, turned upright by its roll, so that people and landmark networks see an upright head. */
export async function cropOf(bitmap: ImageBitmap, { box, roll }: Pick<Face, 'box' | 'roll'>): Promise<EncodedImage> {
  const centre = boxCentre(box);
  const side = Math.max(1, Math.round(cropMargin * Math.max(box.width, box.height)));
  const size = Math.min(cropSide, side);
  // The square about the turned one. It is resized to twice the size first: not all browsers shrink well when they draw.
  const reach = Math.ceil(side * (Math.abs(Math.cos(roll)) + Math.abs(Math.sin(roll))));
  const [left, top] = [Math.round(centre.x - reach / 2), Math.round(centre.y - reach / 2)];
  const resized = Math.round(reach * Math.min(1, (2 * size) / side));
  const around = await createImageBitmap(bitmap, left, top, reach, reach, {
    resizeWidth: resized,
    resizeHeight: resized,
    resizeQuality: 'medium',
  });
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'medium';
    context.translate(size / 2, size / 2);
    context.rotate(-roll);
    context.scale(size / side, size / side);
    context.drawImage(around, left - centre.x, top - centre.y, reach, reach);
  }
  around.close();
  return encodeCanvas(canvas);
}

/**
 * Embeds the face in a picture that {@link LibraryQueries.crop} returned, for example for a gallery. The picture shows the face
 * upright, but not if its {@link LibraryFace.roll} is unknown: then the face is searched for.
 *
 * @param facenet what embeds the face.
 * @param picture the decoded picture.
 * @param face the face, as {@link LibraryQueries.faces} returned it.
 * @param options a signal that cancels the call.
 * @returns the face, in pixels of the picture.
 *
 * @example
 * const [{ cover }] = library.people().items;
 * const [face] = await library.faces([cover]);
 * const picture = await createImageBitmap(await library.crop(cover));
 * await gallery.enrol({ name: 'Ada' }, await embedStoredCrop(facenet, picture, face));
 */
export async function embedStoredCrop(
  facenet: Pick<LibraryFaceNet, 'embed'>,
  picture: ImageBitmap,
  { roll }: Pick<LibraryFace, 'roll'>,
  options: Abortable = {},
): Promise<EmbeddedFace> {
  const { signal } = checkedOptions(options);
  const { width, height } = picture;
  const box = boxAround({ x: width / 2, y: height / 2 }, width / cropMargin, height / cropMargin);
  const found = roll === undefined ? await faceAt(facenet, picture, box, signal) : undefined;
  return found ?? facenet.embed(picture, { score: 1, roll: 0, box }, { signal });
}

/** The face that is found at a place of a picture. */
async function faceAt(
  facenet: Pick<LibraryFaceNet, 'embed'>,
  picture: ImageBitmap,
  place: Box,
  signal: AbortSignal | undefined,
): Promise<EmbeddedFace | undefined> {
  const faces = await facenet.embed(picture, { signal });
  const overlapOf = ({ box }: Face) => intersectionOverUnion(box, place);
  const [nearest] = faces.sort((a, b) => overlapOf(b) - overlapOf(a));
  return nearest && overlapOf(nearest) >= minOverlap ? nearest : undefined;
}
