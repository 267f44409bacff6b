import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../lib/models/preprocess.ts';

const models = new URL('../public/models/', import.meta.url);
const published = new URL('../node_modules/@vladmandic/face-api/model/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;

/** face-api's classes that are used here; it has no types for this build. */
interface FaceApiNetwork {
  loadFromWeightMap(weights: tf.NamedTensorMap): void;
  forwardInput(input: unknown): tf.Tensor;
}
interface FaceApi {
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

/** What the prepared graph answers to a normalised picture. */
function ours(name: string, input: Float32Array): Float32Array {
  const model = manifest.models.find((candidate) => candidate.name === name);
  const [json, weights] = (model?.files ?? []).map(({ path }) => readFileSync(new URL(path, models)));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const graph = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const [, height = 0, width = 0] = model?.input.shape ?? [];
  const answer = graph.execute({ [model?.input.name ?? '']: tf.tensor4d(input, [1, height, width, 3]) }) as tf.Tensor;
  return answer.dataSync() as Float32Array;
}

/** What face-api answers to the same picture, with its own topology and its own reading of the weights. */
function theirs(network: FaceApiNetwork, stem: string, pixels: Float32Array, size: number): Float32Array {
  const [{ weights }] = JSON.parse(readFileSync(new URL(`${stem}-weights_manifest.json`, published), 'utf8'));
  const data = new Uint8Array(readFileSync(new URL(`${stem}.bin`, published))).buffer;
  network.loadFromWeightMap(tf.io.decodeWeights(data, weights));
  const picture = tf.tensor4d(pixels, [1, size, size, 3]);
  return network.forwardInput(new faceApi.NetInput([picture], true)).dataSync() as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('the rebuilt graphs answer as face-api’s own networks', () => {
  test.each([
    ['dlib-resnet-34', 'FaceRecognitionNet', 'face_recognition_model', 150],
    ['face-api-68', 'FaceLandmark68Net', 'face_landmark_68_model', 112],
  ] as const)('%s', (name, network, stem, size) => {
    const preprocessing = manifest.models.find((model) => model.name === name)?.preprocessing;
    if (!preprocessing) throw new Error(`${name} is not in the manifest`);
    const input = toInput([selfCheckPixels(preprocessing)], preprocessing);
    // face-api subtracts its mean and divides by 255 inside: undone here, so that both networks see the same numbers.
    const pixels = input.map((value, i) => value * 255 + ([122.782, 117.001, 104.298][i % 3] as number));
    const answer = ours(name, input);
    const reference = theirs(new faceApi[network](), stem, pixels, size);
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.1);
    expect(largestDifference(answer, reference)).toBeLessThan(1e-4);
  });
});
