import { yieldToEventLoop } from '../../core/cancellation.ts';
import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { boxAround, boxCentre } from '../../core/math.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Abortable, Box, Face, Pixels } from '../../core/types.ts';
import { blockValues, hogBlocks } from '../../detection/classical/hog.ts';
import { blocksAlong, faceShare, type HogSvmModel, inputSize, search } from '../../detection/classical/hog-svm.ts';
import { type Affine, apply, invert, scaleOf, squareCrop } from '../../image/affine.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { mirrored } from '../../image/mirror.ts';
import { pixelPicture } from '../../image/pixel-picture.ts';
import { warp } from '../../image/warp.ts';
import { type Example, trainLinearSvm } from './linear-svm.ts';

/** A training image with all faces in it. */
export interface TrainingPicture {
  /** An `ImageData`, or any RGBA pixels. */
  pixels: Pixels;
  /** All faces, as `FaceNet.detect` returned them. */
  faces: readonly Pick<Face, 'box' | 'roll'>[];
}

/** Options of {@link trainHogSvm}. */
export interface HogSvmOptions extends Abortable {
  /** The side of the detection window in pixels, a multiple of 8 from 16 to 256. @default 64 */
  window?: number;
  /** Called with the progress, 0 to 1, after each round. Default: not called. */
  onProgress?: (progress: number) => void;
}

/** An image prepared as the detector searches it, with the windows of its faces. */
interface SearchedImage {
  grey: Grey;
  faces: Box[];
}

/** Augmentations of each face: rotations and zooms. */
const augmentations = [0, -8, 8].flatMap((degrees) => [0.94, 1, 1.06].map((scale) => ({ degrees, scale })));

/** A window that overlaps a face by more than this is not used as a negative example. */
const maxNegativeOverlap = 0.3;

/** The first round uses every 97th window as a negative example. */
const firstRoundStride = 97;

/** The maximum number of hard negatives per image and round. */
const maxHardNegatives = 250;

/** The rounds of hard-negative mining after the first training. */
const miningRounds = 2;

/**
 * Trains the detector `hog-svm` on labelled faces: augmented upright crops of faces against windows without a face, followed by two
 * rounds with the false positives as hard negatives (Dalal and Triggs, CVPR 2005, section 6). A dozen frontal faces give a detector
 * that works on similar photos.
 *
 * @param pictures training images with all their faces. At least one image has a face.
 * @param options the size of the detection window, `onProgress`, and a signal that cancels the call.
 * @returns the model. Its JSON is the option `detectorModel` of `FaceNet.load({ detector: 'hog-svm' })`.
 * @throws {FaceNetError} `option-invalid` when no image has a face, or the window is invalid; `signal.reason` when aborted.
 *
 * @example
 * const model = await trainHogSvm([{ pixels: crop, faces: await facenet.detect(crop) }]);
 * const detector = await FaceNet.load({ detector: 'hog-svm', detectorModel: JSON.stringify(model) });
 */
export async function trainHogSvm(
  pictures: readonly TrainingPicture[],
  options: HogSvmOptions = {},
): Promise<HogSvmModel> {
  const { window = 64, signal, onProgress } = checkedOptions(options, { window: true, onProgress: true });
  checkInput(pictures, window);
  const examples: Example[] = [];
  const images: SearchedImage[] = [];
  for (const { pixels, faces } of pictures) {
    await yieldToEventLoop(signal);
    for (const crop of faceCrops(pixels, faces, window)) {
      examples.push({ values: hogBlocks(toGrey(crop)).data, positive: true });
    }
    images.push(searchedImage(pixels, faces));
  }
  const dimension = blocksAlong(window) ** 2 * blockValues;
  let model: HogSvmModel = { version: 1, window, weights: new Float32Array(dimension), bias: 0 };
  for (let round = 0; round <= miningRounds; round++) {
    for (const image of images) examples.push(...(await negativeExamples(image, model, round === 0, signal)));
    await yieldToEventLoop(signal);
    model = { version: 1, window, ...trainLinearSvm(examples) };
    onProgress?.((round + 1) / (miningRounds + 1));
  }
  // Five digits keep the JSON small without a measurable effect on the margins.
  const rounded = (value: number) => Number(value.toPrecision(5));
  return { ...model, weights: Array.from(model.weights, rounded), bias: rounded(model.bias) };
}

function checkInput(pictures: readonly TrainingPicture[], window: number): void {
  if (!Number.isInteger(window / 8) || window < 16 || window > 256) {
    throw new FaceNetError('option-invalid', `window is ${window}: use a multiple of 8 from 16 to 256.`);
  }
  if (!pictures.some(({ faces }) => faces.length > 0)) {
    throw new FaceNetError('option-invalid', 'The images have no faces to train on: pass images with faces.');
  }
}

/** Windows without a face: a sample of all windows in the first round, then those inside or beyond the margin. */
async function negativeExamples(
  { grey, faces }: SearchedImage,
  model: HogSvmModel,
  isFirstRound: boolean,
  signal: AbortSignal | undefined,
): Promise<Example[]> {
  let index = 0;
  const isWanted = isFirstRound ? () => index++ % firstRoundStride === 0 : (margin: number) => margin > -1;
  const windows = await search(grey, model, isWanted, signal);
  return windows
    .filter(({ box }) => !faces.some((face) => intersectionOverUnion(box, face) > maxNegativeOverlap))
    .sort((a, b) => b.margin - a.margin)
    .slice(0, maxHardNegatives)
    .map(({ values }) => ({ values, positive: false }));
}

/** The upright crops of an image's faces with all augmentations, each also mirrored. @param size in pixels. */
function* faceCrops({ width, height, data }: Pixels, faces: TrainingPicture['faces'], size: number): Generator<Pixels> {
  const picture = pixelPicture({ width, height, data });
  for (const { box, roll } of faces) {
    const side = Math.max(box.width, box.height) / faceShare;
    for (const { degrees, scale } of augmentations) {
      const angle = roll + (degrees * Math.PI) / 180;
      const crop = warp(picture, squareCrop(boxCentre(box), side * scale, angle, size), size, size);
      yield crop;
      yield mirrored(crop);
    }
  }
}

function searchedImage(pixels: Pixels, faces: TrainingPicture['faces']): SearchedImage {
  const { width, height } = pixels;
  const view: Affine = squareCrop({ x: width / 2, y: height / 2 }, Math.max(width, height), 0, inputSize);
  const inverse = invert(view);
  const grey = toGrey(warp(pixelPicture(pixels), view, inputSize, inputSize));
  const windows = faces.map(({ box }) => {
    const side = (Math.max(box.width, box.height) / faceShare) * scaleOf(inverse);
    return boxAround(apply(inverse, boxCentre(box)), side, side);
  });
  return { grey, faces: windows };
}
