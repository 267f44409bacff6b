import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../../lib/runtime/preprocess.ts';

const models = new URL('../../../public/models/', import.meta.url);
const published = new URL('../../../node_modules/@vladmandic/face-api/model/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;

/** The classes of face-api used here. Its build without a bundler has no types. */
interface FaceApiNetwork {
  loadFromWeightMap(weights: tf.NamedTensorMap): void;
  forwardInput(input: unknown): tf.Tensor;
}
interface FaceApi {
  SsdMobilenetv1: new () => Omit<FaceApiNetwork, 'forwardInput'> & {
    forwardInput(input: unknown): { boxes: tf.Tensor[]; scores: tf.Tensor[] };
  };
  TinyFaceDetector: new () => Omit<FaceApiNetwork, 'forwardInput'> & {
    forwardInput(input: unknown, size: number): tf.Tensor;
  };
  FaceRecognitionNet: new () => FaceApiNetwork;
  FaceLandmark68Net: new () => FaceApiNetwork;
  NetInput: new (images: tf.Tensor4D[], isBatch: boolean) => unknown;
}
let faceApi: FaceApi;

beforeAll(async () => {
  tf.enableProdMode();
  const build: string = '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
  faceApi = await import(build);
  // The WASM backend, because plain JavaScript would take minutes. Set it after the import: importing face-api registers the
  // kernels again.
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
});

/** Runs a prepared graph on a normalised image. Returns its outputs in the descriptor's order. */
function runPrepared(name: string, input: Float32Array): Float32Array[] {
  const model = manifest.models.find((candidate) => candidate.name === name);
  const [json, weights] = (model?.files ?? []).map(({ path }) => readFileSync(new URL(path, models)));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const graph = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const [, height = 0, width = 0] = model?.input.shape ?? [];
  const feed = { [model?.input.name ?? '']: tf.tensor4d(input, [1, height, width, 3]) };
  const names = model?.outputs.map((output) => output.name) ?? [];
  return [graph.execute(feed, names) as tf.Tensor | tf.Tensor[]]
    .flat()
    .map((output) => output.dataSync() as Float32Array);
}

/** Loads the published weights into a network of face-api, which has a topology and a weight decoder of its own. */
function loadPublished<N extends Pick<FaceApiNetwork, 'loadFromWeightMap'>>(network: N, stem: string): N {
  const [{ weights }] = JSON.parse(readFileSync(new URL(`${stem}-weights_manifest.json`, published), 'utf8'));
  const data = new Uint8Array(readFileSync(new URL(`${stem}.bin`, published))).buffer;
  network.loadFromWeightMap(tf.io.decodeWeights(data, weights));
  return network;
}

/** The self-check image of a network, normalised, and as the input of face-api, which normalises it again. */
function selfCheckInputs(name: string, { mean, std }: { mean: number[]; std: number }) {
  const preprocessing = manifest.models.find((model) => model.name === name)?.preprocessing;
  if (!preprocessing) throw new Error(`${name} is not in the manifest`);
  const input = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const raw = input.map((value, i) => value * std + (mean[i % 3] as number));
  const size = preprocessing.width;
  return { input, netInput: new faceApi.NetInput([tf.tensor4d(raw, [1, size, size, 3])], true) };
}

function maxDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('the prepared graphs give the outputs of face-api’s networks', () => {
  const meanColour = [122.782, 117.001, 104.298];

  test.each([
    ['dlib-resnet-34', 'FaceRecognitionNet', 'face_recognition_model'],
    ['face-api-68', 'FaceLandmark68Net', 'face_landmark_68_model'],
  ] as const)('%s', (name, network, stem) => {
    // Both networks of face-api divide by 255. The descriptor of dlib's network divides by 256; `raw` undoes this.
    const { input, netInput } = selfCheckInputs(name, { mean: meanColour, std: 255 });
    const [output = new Float32Array()] = runPrepared(name, input);
    const reference = loadPublished(new faceApi[network](), stem).forwardInput(netInput).dataSync() as Float32Array;
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.1);
    expect(maxDifference(output, reference)).toBeLessThan(1e-4);
  });

  test('ssd-mobilenet-v1', () => {
    const { input, netInput } = selfCheckInputs('ssd-mobilenet-v1', { mean: [127.5, 127.5, 127.5], std: 127.5 });
    const [centres, sizes, logits] = runPrepared('ssd-mobilenet-v1', input) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { boxes, scores } = loadPublished(new faceApi.SsdMobilenetv1(), 'ssd_mobilenetv1_model').forwardInput(
      netInput,
    );
    const corners = boxes[0]?.dataSync() as Float32Array;
    const actualCorners = corners.map((_, i) => {
      const [candidate, axis, end] = [i >> 2, i & 1, (i >> 1) & 1];
      const index = candidate * 2 + axis;
      return (centres[index] as number) + (end - 0.5) * (sizes[index] as number);
    });
    expect(maxDifference(actualCorners, corners)).toBeLessThan(1e-3);
    const probabilities = scores[0]?.dataSync() as Float32Array;
    const actual = probabilities.map((_, i) => 1 / (1 + Math.exp(-(logits[i * 3 + 1] as number))));
    expect(maxDifference(actual, probabilities)).toBeLessThan(1e-4);
  });

  test('tiny-yolo-v2', () => {
    const { input, netInput } = selfCheckInputs('tiny-yolo-v2', { mean: [117.001, 114.697, 97.404], std: 255 });
    const [grid = new Float32Array()] = runPrepared('tiny-yolo-v2', input);
    const network = loadPublished(new faceApi.TinyFaceDetector(), 'tiny_face_detector_model');
    const reference = network.forwardInput(netInput, 416).dataSync() as Float32Array;
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.1);
    expect(maxDifference(grid, reference)).toBeLessThan(1e-3);
  });
});
