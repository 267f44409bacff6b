import * as v from 'valibot';
import { count, name, positive, share } from './schema-values.ts';

const boxRule = v.object({ scale: positive, shift: v.number() });

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const indices = v.pipe(v.array(index), v.minLength(1));

const anchorHead = v.object({
  type: v.literal('anchors'),
  outputs: v.object({
    scores: indices,
    objectness: v.exactOptional(indices),
    boxes: indices,
    keypoints: v.exactOptional(indices),
  }),
  grids: v.pipe(
    v.array(v.object({ stride: count, sizes: v.pipe(v.array(positive), v.minLength(1), v.maxLength(16)) })),
    v.minLength(1),
    v.maxLength(16),
  ),
  offset: share,
  clipped: v.exactOptional(v.boolean()),
  classes: v.picklist([1, 2]),
  activation: v.picklist(['none', 'sigmoid', 'softmax']),
  boxes: v.variant('encoding', [
    v.object({ encoding: v.literal('centre'), centreVariance: positive, sizeVariance: positive }),
    v.object({ encoding: v.literal('distances') }),
    v.object({ encoding: v.literal('corners') }),
  ]),
  keypoints: v.exactOptional(v.object({ variance: positive })),
  suppression: v.object({ method: v.picklist(['hard', 'weighted']), maxOverlap: share }),
  minScore: share,
  minFace: positive,
  box: boxRule,
});

const priorHead = v.object({
  type: v.literal('priors'),
  grids: v.pipe(
    v.array(
      v.object({
        columns: v.pipe(count, v.maxValue(1024)),
        rows: v.pipe(count, v.maxValue(1024)),
        step: v.strictTuple([positive, positive]),
        offset: v.pipe(v.number(), v.finite()),
        sizes: v.pipe(v.array(v.strictTuple([positive, positive])), v.minLength(1), v.maxLength(16)),
      }),
    ),
    v.minLength(1),
    v.maxLength(16),
  ),
  variances: v.strictTuple([positive, positive, positive, positive]),
  clipped: v.exactOptional(v.boolean()),
  minScore: share,
  maxOverlap: share,
  maxCandidates: count,
  maxDetections: count,
});

const mmodHead = v.object({
  type: v.literal('mmod'),
  windows: v.pipe(v.array(v.object({ width: count, height: count })), v.minLength(1)),
  padding: v.pipe(v.number(), v.integer(), v.minValue(0)),
  outerPadding: v.pipe(v.number(), v.integer(), v.minValue(0)),
  stride: count,
  offset: v.number(),
  maxOverlap: share,
  maxCovered: share,
});

/** The schema of {@link DetectionHead}. */
export const detectionHead = v.variant('type', [
  v.object({
    type: v.literal('blazeface'),
    grids: v.pipe(v.array(v.object({ stride: count, perCell: count })), v.minLength(1)),
  }),
  v.object({ type: v.literal('ssd'), box: boxRule }),
  v.object({
    type: v.literal('yolo'),
    anchors: v.pipe(v.array(v.strictTuple([positive, positive])), v.minLength(1)),
    box: boxRule,
  }),
  v.object({ type: v.literal('mtcnn'), refinement: name, output: name, box: boxRule }),
  mmodHead,
  anchorHead,
  priorHead,
]);
