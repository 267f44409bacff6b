import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../../lib/runtime/preprocess.ts';

const models = new URL('../../../public/models/', import.meta.url);
const published = new URL('../../../node_modules/@vladmandic/face-api/model/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;

/** face-api's classes that are used here; it has no types for this build. */
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
  NetInput: new (pictures: tf.Tensor4D[], isBatch: boolean) => unknown;
}
let faceApi: FaceApi;

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const build: string = '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
  faceApi = await import(build);
});

/** What the prepared graph answers to a normalised picture: its outputs in the descriptor's order. */
function ours(name: string, input: Float32Array): Float32Array[] {
  const model = manifest.models.find((candidate) => candidate.name === name);
  const [json, weights] = (model?.files ?? []).map(({ path }) => readFileSync(new URL(path, models)));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const graph = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const [, height = 0, width = 0] = model?.input.shape ?? [];
  const picture = { [model?.input.name ?? '']: tf.tensor4d(input, [1, height, width, 3]) };
  const names = model?.outputs.map((output) => output.name) ?? [];
  return [graph.execute(picture, names) as tf.Tensor | tf.Tensor[]]
    .flat()
    .map((answer) => answer.dataSync() as Float32Array);
}

/** One of face-api's networks, with its own topology and its own reading of the weights. */
function theirs<N extends Pick<FaceApiNetwork, 'loadFromWeightMap'>>(network: N, stem: string): N {
  const [{ weights }] = JSON.parse(readFileSync(new URL(`${stem}-weights_manifest.json`, published), 'utf8'));
  const data = new Uint8Array(readFileSync(new URL(`${stem}.bin`, published))).buffer;
  network.loadFromWeightMap(tf.io.decodeWeights(data, weights));
  return network;
}

/** The self-check picture of a network, and the same as face-api takes it, which normalises inside. */
function pictures(name: string, { mean, std }: { mean: number[]; std: number }) {
  const preprocessing = manifest.models.find((model) => model.name === name)?.preprocessing;
  if (!preprocessing) throw new Error(`${name} is not in the manifest`);
  const input = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const raw = input.map((value, i) => value * std + (mean[i % 3] as number));
  const size = preprocessing.width;
  return { input, netInput: new faceApi.NetInput([tf.tensor4d(raw, [1, size, size, 3])], true) };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('the rebuilt graphs answer as face-api’s own networks', () => {
  const colours = [122.782, 117.001, 104.298];

  test.each([
    ['dlib-resnet-34', 'FaceRecognitionNet', 'face_recognition_model'],
    ['face-api-68', 'FaceLandmark68Net', 'face_landmark_68_model'],
  ] as const)('%s', (name, network, stem) => {
    // Both divide by 255 inside; dlib's own 256 is the descriptor's business, and undone here with it.
    const { input, netInput } = pictures(name, { mean: colours, std: 255 });
    const [answer = new Float32Array()] = ours(name, input);
    const reference = theirs(new faceApi[network](), stem).forwardInput(netInput).dataSync() as Float32Array;
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.1);
    expect(largestDifference(answer, reference)).toBeLessThan(1e-4);
  });

  test('ssd-mobilenet-v1', () => {
    const { input, netInput } = pictures('ssd-mobilenet-v1', { mean: [127.5, 127.5, 127.5], std: 127.5 });
    const [centres, sizes, logits] = ours('ssd-mobilenet-v1', input) as [Float32Array, Float32Array, Float32Array];
    const { boxes, scores } = theirs(new faceApi.SsdMobilenetv1(), 'ssd_mobilenetv1_model').forwardInput(netInput);
    const corners = boxes[0]?.dataSync() as Float32Array;
    const ownCorners = corners.map((_, i) => {
      const [candidate, axis, end] = [i >> 2, i & 1, (i >> 1) & 1];
      const at = candidate * 2 + axis;
      return (centres[at] as number) + (end - 0.5) * (sizes[at] as number);
    });
    expect(largestDifference(ownCorners, corners)).toBeLessThan(1e-3);
    const probabilities = scores[0]?.dataSync() as Float32Array;
    const own = probabilities.map((_, i) => 1 / (1 + Math.exp(-(logits[i * 3 + 1] as number))));
    expect(largestDifference(own, probabilities)).toBeLessThan(1e-4);
  });

  test('tiny-yolo-v2', () => {
    const { input, netInput } = pictures('tiny-yolo-v2', { mean: [117.001, 114.697, 97.404], std: 255 });
    const [grid = new Float32Array()] = ours('tiny-yolo-v2', input);
    const network = theirs(new faceApi.TinyFaceDetector(), 'tiny_face_detector_model');
    const reference = network.forwardInput(netInput, 416).dataSync() as Float32Array;
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.1);
    expect(largestDifference(grid, reference)).toBeLessThan(1e-3);
  });
});
