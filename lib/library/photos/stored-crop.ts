import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
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

/**
 * Cuts a face out of a photo. It is turned by quarter turns, so that people see a head that is tilted by 45° at most. By any other angle
 * the crop would show more of what lies outside the photo.
 */
export async function cropOf(bitmap: ImageBitmap, { box, roll }: Pick<Face, 'box' | 'roll'>): Promise<EncodedImage> {
  const centre = boxCentre(box);
  const side = Math.max(1, Math.round(cropMargin * Math.max(box.width, box.height)));
  const size = Math.min(cropSide, side);
  const [left, top] = [Math.round(centre.x - side / 2), Math.round(centre.y - side / 2)];
  const picture = await createImageBitmap(bitmap, left, top, side, side, {
    resizeWidth: size,
    resizeHeight: size,
    resizeQuality: 'medium',
  });
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d');
  if (context) {
    context.translate(size / 2, size / 2);
    context.rotate(tiltOf(roll) - roll);
    context.drawImage(picture, -size / 2, -size / 2, size, size);
  }
  picture.close();
  return encodeCanvas(canvas);
}

/** The roll of a head in its crop, at most an eighth of a turn. */
function tiltOf(roll: number): number {
  const quarter = Math.PI / 2;
  return roll - quarter * Math.round(roll / quarter);
}

/**
 * Embeds the face in a picture that {@link LibraryQueries.crop} returned, for example for a gallery. If its {@link LibraryFace.roll} is
 * unknown, the face is searched for in the picture.
 *
 * @param facenet what embeds the face.
 * @param picture the decoded picture.
 * @param face the face, as {@link LibraryQueries.faces} returned it.
 * @param options a signal that cancels the call.
 * @returns the face, in pixels of the picture.
 * @throws {FaceNetError} `option-invalid` or `image-type` for wrong arguments, and what `embed()` throws.
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
  face: Pick<LibraryFace, 'roll'>,
  options: Abortable = {},
): Promise<EmbeddedFace> {
  const { signal } = checkedOptions(options);
  if (typeof facenet?.embed !== 'function')
    throw new FaceNetError('option-invalid', 'facenet has no embed(): pass a loaded FaceNet.');
  const { width, height } = picture ?? {};
  if (!(width > 0 && height > 0))
    throw new FaceNetError('image-type', 'The picture has no size: pass createImageBitmap() of what crop() returned.');
  const { roll } = face ?? { roll: Number.NaN };
  if (roll !== undefined && !Number.isFinite(roll))
    throw new FaceNetError('option-invalid', 'The face has no valid roll: pass a face of faces().');
  const box = boxAround({ x: width / 2, y: height / 2 }, width / cropMargin, height / cropMargin);
  const found = roll === undefined ? await faceAt(facenet, picture, box, signal) : undefined;
  return found ?? facenet.embed(picture, { score: 1, roll: tiltOf(roll ?? 0), box }, { signal });
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
