import * as v from 'valibot';
import { calibrationSchema } from '../core/calibration-schema.ts';
import { FaceNetError } from '../core/errors.ts';
import type { TemplateName } from '../core/types.ts';
import { detectionHead } from './detection-head-schema.ts';
import type { Manifest } from './manifest.ts';
import { pathBelow } from './manifest-path.ts';
import { count, name, positive } from './schema-values.ts';

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

const model = v.variant('task', [
  v.object({
    ...descriptor,
    task: v.literal('detection'),
    engine: v.picklist(['tfjs', 'mediapipe']),
    head: detectionHead,
    fallback: v.exactOptional(name),
    closeUp: v.exactOptional(name),
  }),
  v.object({ ...descriptor, task: v.literal('candidates'), engine: v.literal('tfjs') }),
  v.object({
    ...descriptor,
    task: v.literal('landmarks'),
    engine: v.literal('tfjs'),
    scheme: v.picklist(['ibug-68', 'mesh-468', 'insightface-106']),
    valuesPerPoint: v.pipe(count, v.minValue(2)),
    unit: v.picklist(['crop', 'pixel', 'centred']),
    crop: v.object({ scale: positive, shift: v.number() }),
  }),
  v.object({
    ...descriptor,
    task: v.literal('embedding'),
    engine: v.literal('tfjs'),
    dimension: count,
    metric: v.picklist(['euclidean', 'cosine']),
    template: v.picklist(['dlib', 'arcface', 'facenet', 'dlib-chip'] satisfies TemplateName[]),
    crops: v.exactOptional(v.object({ zooms: v.pipe(v.array(positive), v.minLength(1)), mirrored: v.boolean() })),
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

const classicalModel = {
  name,
  files: v.strictTuple([v.object(file)]),
  licence: v.string(),
  trainingData: v.string(),
  source,
};

const classical = v.variant('kind', [
  v.object({
    ...classicalModel,
    kind: v.picklist(['dlib-hog', 'cascade']),
    scaleFactor: v.exactOptional(v.pipe(v.number(), v.minValue(1.01), v.maxValue(4))),
  }),
  v.object({ ...classicalModel, kind: v.literal('shape-predictor'), scheme: v.picklist(['ibug-68', 'dlib-5']) }),
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
  search: v.exactOptional(
    v.object({
      thorough: v.boolean(),
      minSize: v.object({
        pixels: v.pipe(v.number(), v.minValue(8)),
        share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      }),
    }),
  ),
  calibration: calibrationSchema,
});

const schema: v.GenericSchema<unknown, Manifest> = v.object({
  version: v.literal(1),
  models: v.array(model),
  classical: v.exactOptional(v.array(classical)),
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
