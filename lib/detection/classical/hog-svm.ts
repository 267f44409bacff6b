import * as v from 'valibot';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { logistic } from '../../core/math.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Box, Face } from '../../core/types.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { pyramid } from '../../image/pyramid.ts';
import type { Detector } from '../detector.ts';
import { suppress } from '../suppression.ts';
import { blockValues, cellSize, type HogBlocks, hogBlocks } from './hog.ts';

/** A linear classifier of windows, as `trainHogSvm` trains it. */
export interface HogSvmModel {
  /** The version of this format. */
  version: 1;
  /** The window's side in pixels, a multiple of 8. */
  window: number;
  /** One weight for each value of each block of a window, row by row. */
  weights: number[] | Float32Array;
  /** The intercept: a window shows a face where weights·values + bias is above 0. */
  bias: number;
}

/** The side of the input, in pixels. */
export const inputSize = 640;

/** The ratio of successive scales. */
const scaleFactor = 1.15;

/** The side of a face as a share of the window's: the margin shows hair and chin, whose edges help to find a face. */
export const faceShare = 1 / 1.4;

/** Windows with a lower margin are noise. */
const minMargin = -1;

/** Faces whose intersection over union is larger are one face. */
const suppressionThreshold = 0.3;

const schema = v.pipe(
  v.object({
    version: v.literal(1),
    window: v.pipe(v.number(), v.integer(), v.multipleOf(cellSize), v.minValue(2 * cellSize), v.maxValue(256)),
    weights: v.array(v.pipe(v.number(), v.finite())),
    bias: v.pipe(v.number(), v.finite()),
  }),
  v.check(
    ({ window, weights }) => weights.length === blocksAlong(window) ** 2 * blockValues,
    'The number of weights does not fit the window.',
  ),
);

/**
 * Parses a model that `trainHogSvm` trained.
 *
 * @throws {FaceNetError} `option-invalid` when the text is not the JSON of such a model.
 */
export function parseHogSvm(json: string): HogSvmModel {
  try {
    return v.parse(schema, JSON.parse(json));
  } catch (cause) {
    throw new FaceNetError(
      'option-invalid',
      'detectorModel is not a HOG and SVM model: pass the result of trainHogSvm() from facenet-web/training as JSON.',
      { cause },
    );
  }
}

/**
 * Creates the detector of Dalal and Triggs (CVPR 2005): a linear support vector machine on histograms of oriented
 * gradients, applied to a sliding window at every scale. It finds upright frontal faces similar to those of its
 * training. The score of a face is the logistic of its distance to the separating plane, in margins: 0.5 on the plane,
 * 0.73 at the margin.
 */
export function hogSvmDetector(model: HogSvmModel): Detector {
  return {
    name: 'hog-svm',
    inputSize,
    async find(pictures, signal) {
      const found: Face[][] = [];
      for (const picture of pictures) {
        const windows = await search(toGrey(picture), model, (margin) => margin >= minMargin, signal);
        const faces = windows.map(({ box, margin }) => ({ box: faceIn(box), score: logistic(margin), roll: 0 }));
        found.push(suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > suppressionThreshold));
      }
      return found;
    },
    dispose() {},
  };
}

/** A window that the caller accepted. */
export interface HogWindow {
  box: Box;
  /** The distance to the separating plane, in margins. */
  margin: number;
  /** The values of its blocks. */
  values: Float32Array;
}

/**
 * Slides the window over a picture at every scale.
 *
 * @param accepts whether to return a window of this margin.
 * @returns the accepted windows, in source pixels.
 * @throws `signal.reason` when aborted.
 */
export async function search(
  picture: Grey,
  model: HogSvmModel,
  accepts: (margin: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<HogWindow[]> {
  const weights = Float32Array.from(model.weights);
  const side = model.window;
  const along = blocksAlong(side);
  const accepted: HogWindow[] = [];
  for (const { grey, scale } of pyramid(picture, scaleFactor, { width: side, height: side })) {
    await yieldToEventLoop(signal);
    const blocks = hogBlocks(grey);
    for (let y = 0; y + along <= blocks.rows; y++) {
      for (let x = 0; x + along <= blocks.columns; x++) {
        const margin = marginAt(blocks, x, y, { weights, bias: model.bias, along });
        if (!accepts(margin)) continue;
        const corner = { x: x * cellSize * scale, y: y * cellSize * scale };
        const box = { ...corner, width: side * scale, height: side * scale };
        accepted.push({ box, margin, values: valuesAt(blocks, x, y, along) });
      }
    }
  }
  return accepted;
}

/** The distance of the window at block (x, y) to the separating plane. */
function marginAt(
  { columns, data }: HogBlocks,
  x: number,
  y: number,
  { weights, bias, along }: { weights: Float32Array; bias: number; along: number },
): number {
  const rowValues = along * blockValues;
  let margin = bias;
  for (let row = 0, w = 0; row < along; row++) {
    const from = ((y + row) * columns + x) * blockValues;
    for (let i = 0; i < rowValues; i++, w++) margin += (data[from + i] as number) * (weights[w] as number);
  }
  return margin;
}

/** The values of the blocks of the window at block (x, y), row by row. */
function valuesAt({ columns, data }: HogBlocks, x: number, y: number, along: number): Float32Array {
  const rowValues = along * blockValues;
  const values = new Float32Array(along * rowValues);
  for (let row = 0; row < along; row++) {
    const from = ((y + row) * columns + x) * blockValues;
    values.set(data.subarray(from, from + rowValues), row * rowValues);
  }
  return values;
}

/** The number of blocks along a window's side. @param window the side in pixels. */
export function blocksAlong(window: number): number {
  return window / cellSize - 1;
}

/** The box of the face in a window: the window without its margin. */
function faceIn({ x, y, width, height }: Box): Box {
  const rest = (1 - faceShare) / 2;
  return { x: x + rest * width, y: y + rest * height, width: faceShare * width, height: faceShare * height };
}
