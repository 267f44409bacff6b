import { FaceNetError } from '../../../core/errors.ts';
import { boxAround, logistic } from '../../../core/math.ts';
import type { Box, Point } from '../../../core/types.ts';
import type { AnchorHead } from '../../../models/manifest.ts';
import type { Candidate } from '../../suppression.ts';
import { type Anchor, anchorCount, anchorOf, type InputSize } from './anchor-grid.ts';

/** Decodes the outputs of a network for one image, in the order of its descriptor, into candidates in input pixels. */
export type AnchorDecoder = (outputs: readonly Float32Array[]) => Candidate[];

/** The number of values of an anchor in each output. */
interface ValueCounts {
  scores: number;
  objectness: number;
  boxes: number;
  keypoints: number;
}

/** The output of a role. */
type Role = keyof ValueCounts;

/** The five keypoints, x and y. */
const keypointValues = 10;

/**
 * Creates the decoder of a detector that scores anchors. It returns every candidate with a finite box whose score is at least the
 * head's; non-maximum suppression follows.
 *
 * @param name the model's name, for the error.
 * @param input the size of the network's input in pixels.
 * @returns a function that throws {FaceNetError} `manifest-invalid` when an output has another number of values than the anchors
 *   need.
 */
export function anchorDecoder(name: string, head: AnchorHead, input: InputSize): AnchorDecoder {
  const counts: ValueCounts = { scores: head.classes, objectness: 1, boxes: 4, keypoints: keypointValues };
  const total = head.grids.reduce((sum, grid) => sum + anchorCount(grid, input), 0);
  return (outputs) => {
    const candidates: Candidate[] = [];
    let first = 0;
    for (const [i, grid] of head.grids.entries()) {
      const count = anchorCount(grid, input);
      /** The values of this grid's anchors: a whole output, or a part of one that all grids share. */
      const valuesOf = (role: Role): Float32Array | undefined => {
        const indices = head.outputs[role];
        if (!indices) return undefined;
        const shared = indices.length === 1;
        const output = outputs[indices[shared ? 0 : i] as number];
        checkLength(name, role, output, (shared ? total : count) * counts[role]);
        return shared ? output.subarray(first * counts[role], (first + count) * counts[role]) : output;
      };
      const values: GridValues = {
        scores: valuesOf('scores') as Float32Array,
        objectness: valuesOf('objectness'),
        boxes: valuesOf('boxes') as Float32Array,
        keypoints: valuesOf('keypoints'),
      };
      for (let index = 0; index < count; index++) {
        const score = scoreOf(head, values, index);
        if (!(score >= head.minScore)) continue;
        const candidate = candidateOf(head, values, index, anchorOf(head, grid, input, index), input, score);
        if (hasSize(candidate)) candidates.push(candidate);
      }
      first += count;
    }
    return candidates;
  };
}

/** The values of the anchors of one grid. */
interface GridValues {
  scores: Float32Array;
  objectness: Float32Array | undefined;
  boxes: Float32Array;
  keypoints: Float32Array | undefined;
}

/** Whether a box is one: a network that is not trained, or overflows, returns others. */
function hasSize({ box }: Candidate): boolean {
  return box.width > 0 && box.height > 0 && Number.isFinite(box.x + box.y + box.width + box.height);
}

function scoreOf({ classes, activation }: AnchorHead, { scores, objectness }: GridValues, index: number): number {
  const activated = (value: number) => (activation === 'sigmoid' ? logistic(value) : value);
  const face = scores[index * classes + classes - 1] as number;
  const score = activation === 'softmax' ? logistic(face - (scores[index * classes] as number)) : activated(face);
  if (!objectness) return score;
  // OpenCV, face_detect.cpp: the geometric mean of both, each clamped.
  return Math.sqrt(clamped(score) * clamped(activated(objectness[index] as number)));
}

function clamped(probability: number): number {
  return Math.min(Math.max(probability, 0), 1);
}

function candidateOf(
  head: AnchorHead,
  { boxes, keypoints }: GridValues,
  index: number,
  anchor: Anchor,
  input: InputSize,
  score: number,
): Candidate {
  const box = boxOf(head, boxes.subarray(index * 4, index * 4 + 4), anchor, input);
  if (!keypoints || !head.keypoints) return { box, score };
  const { variance } = head.keypoints;
  const point = (i: number): Point => ({
    x: anchor.x + (keypoints[index * keypointValues + 2 * i] as number) * variance * anchor.width,
    y: anchor.y + (keypoints[index * keypointValues + 2 * i + 1] as number) * variance * anchor.height,
  });
  const [right, left] = [point(3), point(4)];
  const mouth = { x: (right.x + left.x) / 2, y: (right.y + left.y) / 2 };
  return {
    box,
    score,
    keypoints: {
      rightEye: point(0),
      leftEye: point(1),
      noseTip: point(2),
      mouth,
      rightMouthCorner: right,
      leftMouthCorner: left,
    },
  };
}

function boxOf({ boxes }: AnchorHead, values: Float32Array, anchor: Anchor, input: InputSize): Box {
  const [a = 0, b = 0, c = 0, d = 0] = values;
  const { x, y, width, height } = anchor;
  if (boxes.encoding === 'corners') {
    return { x: a * input.width, y: b * input.height, width: (c - a) * input.width, height: (d - b) * input.height };
  }
  if (boxes.encoding === 'distances') {
    return { x: x - a * width, y: y - b * height, width: (a + c) * width, height: (b + d) * height };
  }
  const centre = { x: x + a * boxes.centreVariance * width, y: y + b * boxes.centreVariance * height };
  return boxAround(centre, width * Math.exp(c * boxes.sizeVariance), height * Math.exp(d * boxes.sizeVariance));
}

function checkLength(
  name: string,
  role: Role,
  output: Float32Array | undefined,
  length: number,
): asserts output is Float32Array {
  if (output?.length === length) return;
  throw new FaceNetError(
    'manifest-invalid',
    `The detector "${name}" has ${output?.length ?? 'no'} ${role} where its anchors need ${length} values: correct grids, classes and outputs of its head in the manifest.`,
  );
}
