import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { boxAround, boxCentre } from '../../core/math.ts';
import type { Abortable, Box, Face, Pixels } from '../../core/types.ts';
import { blockValues, hogBlocks } from '../../detection/classical/hog.ts';
import { blocksAlong, faceShare, type HogSvmModel, inputSize, search } from '../../detection/classical/hog-svm.ts';
import { intersectionOverUnion } from '../../detection/suppression.ts';
import { type Affine, apply, invert, scaleOf, squareCrop } from '../../image/affine.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { mirrored } from '../../image/mirror.ts';
import { pixelPicture } from '../../image/pixel-picture.ts';
import { warp } from '../../image/warp.ts';
import { type Example, trainLinearSvm } from './linear-svm.ts';

/** A picture to learn from, and all faces in it, as `FaceNet.detect` gave them. */
export interface TrainingPicture {
  /** An `ImageData`, or any RGBA pixels. */
  pixels: Pixels;
  faces: readonly Pick<Face, 'box' | 'roll'>[];
}

/** What {@link trainHogSvm} can be told. */
export interface HogSvmOptions extends Abortable {
  /** The window's side in pixels, a multiple of 8. Default: 64. */
  window?: number;
  /** Told how far training has come, 0 to 1. */
  onProgress?: (progress: number) => void;
}

/** How a face is shown again and again, a little changed: few photos must stand for many. */
const variations = [0, -8, 8].flatMap((degrees) => [0.94, 1, 1.06].map((scale) => ({ degrees, scale })));

/** What overlaps a face by more than this is not counted as a picture of no face. */
const leastOverlap = 0.3;

/** Of all windows of a picture every so-manyth is looked at first; of those that are mistaken for faces, so many count. */
const easyStride = 97;
const hardNegatives = 250;
const rounds = 2;

/**
 * Trains the detector `hog-svm` on faces that another detector found: upright crops of them, varied and mirrored, against
 * windows of the same pictures without a face; then twice more with the windows that it mistook for faces. (Dalal and Triggs,
 * CVPR 2005, section 6.) A dozen frontal faces make a detector that works on photos like theirs.
 *
 * @returns the model; its JSON is what `FaceNet.load({ detector: 'hog-svm', detectorModel })` takes.
 * @throws {FaceNetError} `option-invalid` when there is no face to learn from, or the window is impossible.
 */
export async function trainHogSvm(
  pictures: readonly TrainingPicture[],
  { window = 64, signal, onProgress }: HogSvmOptions = {},
): Promise<HogSvmModel> {
  if (!Number.isInteger(window / 8) || window < 16 || window > 256) {
    throw new FaceNetError('option-invalid', `window is ${window}: use a multiple of 8 from 16 to 256.`);
  }
  if (!pictures.some(({ faces }) => faces.length > 0)) {
    throw new FaceNetError(
      'option-invalid',
      'There is no face in the pictures to learn from: pass some that have faces.',
    );
  }
  const examples: Example[] = [];
  const searched: { grey: Grey; faces: Box[] }[] = [];
  for (const { pixels, faces } of pictures) {
    await yieldToEventLoop(signal);
    for (const crop of faceCrops(pixels, faces, window))
      examples.push({ values: describe(toGrey(crop)), positive: true });
    searched.push(asSearched(pixels, faces));
  }

  let model: HogSvmModel = {
    version: 1,
    window,
    weights: new Float32Array(blocksAlong(window) ** 2 * blockValues),
    bias: 0,
  };
  for (let round = 0; round <= rounds; round++) {
    for (const { grey, faces } of searched) {
      // Before there is a plane, windows from everywhere serve; afterwards those on the wrong side of the margin.
      let seen = 0;
      const takes = round === 0 ? () => seen++ % easyStride === 0 : (margin: number) => margin > -1;
      const windows = await search(grey, model, takes, signal);
      const mistaken = windows
        .filter(({ box }) => !faces.some((face) => intersectionOverUnion(box, face) > leastOverlap))
        .sort((a, b) => b.margin - a.margin)
        .slice(0, hardNegatives);
      examples.push(...mistaken.map(({ values }) => ({ values, positive: false })));
    }
    await yieldToEventLoop(signal);
    const { weights, bias } = trainLinearSvm(examples);
    model = { version: 1, window, weights, bias };
    onProgress?.((round + 1) / (rounds + 1));
  }
  const digits = (value: number) => Number(value.toPrecision(5));
  return { ...model, weights: Array.from(model.weights, digits), bias: digits(model.bias) };
}

/** The crops of a picture's faces, each in all its variations, of `size` pixels. */
function* faceCrops({ width, height, data }: Pixels, faces: TrainingPicture['faces'], size: number): Generator<Pixels> {
  const picture = pixelPicture({ width, height, data });
  for (const { box, roll } of faces) {
    const side = Math.max(box.width, box.height) / faceShare;
    for (const { degrees, scale } of variations) {
      const crop = warp(
        picture,
        squareCrop(boxCentre(box), side * scale, roll + (degrees * Math.PI) / 180, size),
        size,
        size,
      );
      yield crop;
      yield mirrored(crop);
    }
  }
}

/** A picture as the detector will search it, and its faces' windows there. */
function asSearched(pixels: Pixels, faces: TrainingPicture['faces']): { grey: Grey; faces: Box[] } {
  const { width, height } = pixels;
  const view: Affine = squareCrop({ x: width / 2, y: height / 2 }, Math.max(width, height), 0, inputSize);
  const back = invert(view);
  const grey = toGrey(warp(pixelPicture(pixels), view, inputSize, inputSize));
  const boxes = faces.map(({ box }) => {
    const side = (Math.max(box.width, box.height) / faceShare) * scaleOf(back);
    return boxAround(apply(back, boxCentre(box)), side, side);
  });
  return { grey, faces: boxes };
}

function describe(grey: Grey): Float32Array {
  return hogBlocks(grey).data;
}
