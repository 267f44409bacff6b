import * as v from 'valibot';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { logistic } from '../../core/math.ts';
import type { Box, Face } from '../../core/types.ts';
import { type Grey, toGrey } from '../../image/grey.ts';
import { pyramid } from '../../image/pyramid.ts';
import type { Detector } from '../detector.ts';
import { intersectionOverUnion, suppress } from '../suppression.ts';
import { blockValues, cellSize, hogBlocks } from './hog.ts';

/** A linear classifier of windows. */
export interface HogSvmModel {
  version: 1;
  /** The window's side in pixels, a multiple of 8. */
  window: number;
  /** One number for each value of each block of a window, row by row. */
  weights: number[] | Float32Array;
  bias: number;
}

/** The side of the pictures that are searched. */
export const inputSize = 640;

/** From one scale to the next. */
const scaleFactor = 1.15;

/** How much of a window's side its face takes: the rest is margin, in which hair and chin stand out. */
export const faceShare = 1 / 1.4;

/** Windows below this margin are noise even to the most patient caller. */
const leastMargin = -1;

/** From where on two windows are one face. */
const overlapping = 0.3;

const schema = v.pipe(
  v.object({
    version: v.literal(1),
    window: v.pipe(v.number(), v.integer(), v.multipleOf(cellSize), v.minValue(2 * cellSize), v.maxValue(256)),
    weights: v.array(v.pipe(v.number(), v.finite())),
    bias: v.pipe(v.number(), v.finite()),
  }),
  v.check(
    ({ window, weights }) => weights.length === blocksAlong(window) ** 2 * blockValues,
    'wrong number of weights',
  ),
);

/**
 * Reads a model that `trainHogSvm` made.
 *
 * @param json its JSON.
 * @throws {FaceNetError} `option-invalid` when it is none.
 */
export function parseHogSvm(json: string): HogSvmModel {
  try {
    return v.parse(schema, JSON.parse(json));
  } catch (cause) {
    throw new FaceNetError(
      'option-invalid',
      'The text is no model of HOG and SVM: pass the JSON of what trainHogSvm() of facenet-web/training gave.',
      { cause },
    );
  }
}

/**
 * The detector of Dalal and Triggs (CVPR 2005): histograms of oriented gradients, a window slid over the picture at every
 * scale, and a linear support vector machine. It finds upright frontal faces like those that it was trained on. A face's score
 * is the logistic of its distance to the separating plane, in margins: 0.5 on the plane, 0.73 at the margin.
 */
export function hogSvmDetector(model: HogSvmModel): Detector {
  return {
    name: 'hog-svm',
    inputSize,
    async find(pictures, signal) {
      const found: Face[][] = [];
      for (const picture of pictures) {
        const windows = await search(toGrey(picture), model, (margin) => margin >= leastMargin, signal);
        const faces = windows.map(({ box, margin }) => ({ box: faceIn(box), score: logistic(margin), roll: 0 }));
        found.push(suppress(faces, (a, b) => intersectionOverUnion(a.box, b.box) > overlapping));
      }
      return found;
    },
    dispose() {},
  };
}

/** A window that passed. */
export interface HogWindow {
  box: Box;
  /** Its distance to the separating plane, in margins. */
  margin: number;
  /** What describes it. */
  values: Float32Array;
}

/**
 * Slides the window over a picture at every scale.
 *
 * @param takes whether a window of this margin is wanted.
 */
export async function search(
  picture: Grey,
  model: HogSvmModel,
  takes: (margin: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<HogWindow[]> {
  const weights = Float32Array.from(model.weights);
  const side = model.window;
  const along = blocksAlong(side);
  const passed: HogWindow[] = [];
  for (const { grey, scale } of pyramid(picture, scaleFactor, { width: side, height: side })) {
    await yieldToEventLoop(signal);
    const { columns, rows, data } = hogBlocks(grey);
    const rowValues = along * blockValues;
    for (let y = 0; y + along <= rows; y++) {
      for (let x = 0; x + along <= columns; x++) {
        let margin = model.bias;
        for (let row = 0, w = 0; row < along; row++) {
          const from = ((y + row) * columns + x) * blockValues;
          for (let i = 0; i < rowValues; i++, w++) margin += (data[from + i] as number) * (weights[w] as number);
        }
        if (!takes(margin)) continue;
        const values = new Float32Array(weights.length);
        for (let row = 0; row < along; row++) {
          const from = ((y + row) * columns + x) * blockValues;
          values.set(data.subarray(from, from + rowValues), row * rowValues);
        }
        const place = { x: x * cellSize * scale, y: y * cellSize * scale };
        passed.push({ box: { ...place, width: side * scale, height: side * scale }, margin, values });
      }
    }
  }
  return passed;
}

/** How many blocks lie along a window's side. */
export function blocksAlong(window: number): number {
  return window / cellSize - 1;
}

/** The face in a window, without the margin. */
function faceIn({ x, y, width, height }: Box): Box {
  const rest = (1 - faceShare) / 2;
  return { x: x + rest * width, y: y + rest * height, width: faceShare * width, height: faceShare * height };
}
