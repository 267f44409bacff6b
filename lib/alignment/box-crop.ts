import { FaceNetError } from '../core/errors.ts';
import { boxCentre } from '../core/math.ts';
import type { Landmarks } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';

/**
 * The side of FaceNet's crop as a multiple of the side of MTCNN's box: a margin of 32 of 160 pixels of the crop
 * (facenet-pytorch, `extract_face`). David Sandberg's align_dataset_mtcnn.py adds 32 pixels of the picture instead, which
 * is the same for a box of 128 pixels.
 */
const cropScale = 160 / (160 - 32);

/**
 * The transform from FaceNet's crop to the source: MTCNN's box with a margin, stretched to a square, not rotated.
 *
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the margin; 1.1 covers a tenth more in each direction, 0.9 a tenth less.
 * @throws {FaceNetError} `option-invalid` when the landmarks have no box.
 */
export function boxCrop({ scheme, box }: Landmarks, size: number, zoom: number): Affine {
  if (!box) {
    throw new FaceNetError(
      'option-invalid',
      `The template "facenet" needs the box of MTCNN, which these landmarks of the scheme "${scheme}" lack: load with detector: "mtcnn" and landmarker: "detector", or use the template "arcface".`,
    );
  }
  const [width, height] = [box.width * cropScale * zoom, box.height * cropScale * zoom];
  const { x, y } = boxCentre(box);
  return { a: width / size, b: 0, c: 0, d: height / size, e: x - width / 2, f: y - height / 2 };
}
