import * as v from 'valibot';
import { calibrationSchema } from '../core/calibration-schema.ts';
import { FaceNetError } from '../core/errors.ts';
import type { TemplateName } from '../core/types.ts';
import type { Manifest } from './manifest.ts';
import { pathBelow } from './manifest-path.ts';

const positive = v.pipe(v.number(), v.minValue(Number.MIN_VALUE), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const name = v.pipe(v.string(), v.minLength(1));
const rgb = v.strictTuple([v.number(), v.number(), v.number()]);
const nonZero = v.pipe(v.number(), v.notValue(0));

const file = {
  // Only paths below the manifest: a manifest must not make the page fetch from elsewhere.
  path: v.pipe(v.string(), v.regex(pathBelow, 'must be a path below the manifest')),
  bytes: count,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')),
};

const source = v.object({
  package: v.string(),
  version: v.string(),
  files: v.array(v.string()),
  conversion: v.string(),
});

const tensor = v.object({ name, shape: v.array(v.number()) });

const descriptor = {
  name,
  files: v.pipe(v.array(v.object(file)), v.minLength(1)),
  input: tensor,
  outputs: v.pipe(v.array(tensor), v.minLength(1)),
  preprocessing: v.object({
    width: v.pipe(count, v.maxValue(1024)),
    height: v.pipe(count, v.maxValue(1024)),
    channels: v.picklist(['rgb', 'bgr']),
    mean: rgb,
    std: v.strictTuple([nonZero, nonZero, nonZero]),
  }),
  licence: v.string(),
  trainingData: v.string(),
  source,
  selfCheck: v.exactOptional(
    v.array(v.object({ values: v.array(v.number()), stride: count, tolerance: v.pipe(v.number(), v.minValue(0)) })),
  ),
};

const boxRule = v.object({ scale: positive, shift: v.number() });

const model = v.variant('task', [
  v.object({
    ...descriptor,
    task: v.literal('detection'),
    engine: v.picklist(['tfjs', 'mediapipe']),
    head: v.variant('type', [
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
    ]),
    fallback: v.exactOptional(name),
    closeUp: v.exactOptional(name),
  }),
  v.object({ ...descriptor, task: v.literal('candidates'), engine: v.literal('tfjs') }),
  v.object({
    ...descriptor,
    task: v.literal('landmarks'),
    engine: v.literal('tfjs'),
    scheme: v.picklist(['ibug-68', 'mesh-468']),
    valuesPerPoint: v.pipe(count, v.minValue(2)),
    unit: v.picklist(['crop', 'pixel']),
    crop: v.object({ scale: positive, shift: v.number() }),
  }),
  v.object({
    ...descriptor,
    task: v.literal('embedding'),
    engine: v.literal('tfjs'),
    dimension: count,
    metric: v.picklist(['euclidean', 'cosine']),
    template: v.picklist(['dlib', 'arcface', 'facenet'] satisfies TemplateName[]),
    zoom: v.exactOptional(positive),
    calibration: v.exactOptional(calibrationSchema),
  }),
  v.object({
    ...descriptor,
    task: v.literal('liveness'),
    engine: v.literal('tfjs'),
    crop: v.object({ scale: positive }),
    score: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
]);

const fusion = v.object({
  name,
  parts: v.pipe(
    v.array(v.object({ embedder: name, weight: positive })),
    v.minLength(2),
    v.check(
      (parts) => Math.abs(parts.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-6,
      'the weights must add up to 1',
    ),
  ),
  calibration: v.exactOptional(calibrationSchema),
});

const preset = v.object({
  name,
  detector: name,
  landmarker: name,
  embedder: name,
  landmarkPasses: v.picklist([1, 2]),
  zooms: v.pipe(v.array(positive), v.minLength(1)),
  mirrored: v.boolean(),
  calibration: calibrationSchema,
});

const schema: v.GenericSchema<unknown, Manifest> = v.object({
  version: v.literal(1),
  models: v.array(model),
  fusions: v.exactOptional(v.array(fusion)),
  engines: v.array(
    v.object({
      ...file,
      name: v.picklist([
        'facenet-relaxed-simd',
        'facenet-simd',
        'facenet-simd-threads',
        'facenet-threads',
        'tfjs-wasm',
        'tfjs-wasm-simd',
        'mediapipe-vision',
      ]),
      licence: v.string(),
      source,
    }),
  ),
  presets: v.exactOptional(v.array(preset)),
});

/**
 * Validates a manifest.
 *
 * @param value the parsed JSON.
 * @param url the manifest's URL, for the error message.
 * @throws {FaceNetError} `manifest-invalid` when it is not a manifest of the version that this library reads. The
 *   message names the first invalid field.
 */
export function parseManifest(value: unknown, url: string): Manifest {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [{ message }] = issues;
  const field = v.getDotPath(issues[0]) ?? 'the root';
  throw new FaceNetError(
    'manifest-invalid',
    `${url} is not a facenet-web manifest of version 1 (at ${field}: ${message}): copy the whole models folder of this release there.`,
  );
}
