import { FaceNetError } from '../../../core/errors.ts';
import { boxAround, boxCentre } from '../../../core/math.ts';
import { intersectionOverUnion } from '../../../core/overlap.ts';
import type { Box } from '../../../core/types.ts';
import type { PriorHead } from '../../../models/manifest.ts';
import { byScore, suppress } from '../../suppression.ts';

/** The size of a network's input, in pixels. */
interface InputSize {
  width: number;
  height: number;
}

/** A box that is as likely as its score says to be that of a face. */
interface Detection {
  box: Box;
  score: number;
}

/**
 * Creates the decoder of an SSD: what the layer `DetectionOutput` of OpenCV computes. (OpenCV, dnn/src/layers/detection_output_layer.cpp)
 *
 * @param name the model's name, for the error.
 * @param input the size of the network's input in pixels.
 * @returns a function from the outputs for one image to its detections in input pixels, strongest first. It throws {FaceNetError}
 *   `manifest-invalid` when an output has another number of values than the prior boxes need.
 */
export function priorDecoder(
  name: string,
  head: PriorHead,
  input: InputSize,
): (outputs: readonly Float32Array[]) => Detection[] {
  const priors = priorBoxes(head, input);
  return ([values = new Float32Array(), scores = new Float32Array()]) => {
    if (values.length !== 4 * priors.length || scores.length !== 2 * priors.length) {
      throw new FaceNetError(
        'manifest-invalid',
        `The detector "${name}" has ${values.length} and ${scores.length} values for ${priors.length} prior boxes: correct the grids of its head in the manifest.`,
      );
    }
    const likely = priors
      .map((prior, i) => ({ prior, i, score: scores[2 * i + 1] as number }))
      .filter(({ score }) => score > head.minScore);
    const candidates = byScore(likely)
      .slice(0, head.maxCandidates)
      .map(({ prior, i, score }) => ({ score, box: decoded(prior, values.subarray(4 * i, 4 * i + 4), head) }))
      .filter(({ box }) => Number.isFinite(box.x + box.y + box.width + box.height));
    const kept = suppress(candidates, (a, b) => intersectionOverUnion(a.box, b.box) > head.maxOverlap);
    return kept.slice(0, head.maxDetections);
  };
}

/** The prior boxes in the order of the outputs. */
function priorBoxes({ grids, clipped = false }: PriorHead, input: InputSize): Box[] {
  return grids.flatMap(({ columns, rows, step, offset, sizes }) =>
    Array.from({ length: columns * rows * sizes.length }, (_, i): Box => {
      const cell = Math.floor(i / sizes.length);
      const [width, height] = sizes[i % sizes.length] as [number, number];
      const centre = {
        x: ((cell % columns) + offset) * step[0],
        y: (Math.floor(cell / columns) + offset) * step[1],
      };
      const box = boxAround(centre, width, height);
      return clipped ? clippedTo(box, input) : box;
    }),
  );
}

function clippedTo({ x, y, width, height }: Box, input: InputSize): Box {
  const inside = (value: number, max: number) => Math.min(Math.max(value, 0), max);
  const [left, top] = [inside(x, input.width), inside(y, input.height)];
  return {
    x: left,
    y: top,
    width: inside(x + width, input.width) - left,
    height: inside(y + height, input.height) - top,
  };
}

/** The box that four values stand for: the offset of the centre and the logarithm of the size, relative to the prior box. */
function decoded(prior: Box, [dx = 0, dy = 0, dw = 0, dh = 0]: Float32Array, { variances }: PriorHead): Box {
  const { x, y } = boxCentre(prior);
  const centre = { x: x + dx * variances[0] * prior.width, y: y + dy * variances[1] * prior.height };
  return boxAround(centre, prior.width * Math.exp(dw * variances[2]), prior.height * Math.exp(dh * variances[3]));
}
