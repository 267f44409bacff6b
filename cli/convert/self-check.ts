import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModelSync, registerOp } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../lib/runtime/preprocess.ts';
import { registerOwnOperators } from '../../lib/runtime/tensorflow/own-operators.ts';

/** The maximum number of values kept of each output, evenly spaced. */
const maxValues = 16;

/** The tolerated difference of another backend: this share of the output's largest magnitude, and at least `minTolerance`. */
const relativeTolerance = 0.02;
const minTolerance = 1e-3;

/** The outputs of a network for the self-check image. */
export interface KnownAnswer {
  /** Samples of each output, for the manifest. */
  checks: NonNullable<ModelDescriptor['selfCheck']>;
  /** Each whole output. */
  answers: Float32Array[];
}

/**
 * Runs a network on the self-check image, in plain JavaScript.
 *
 * @param files `model.json`, then its weight file.
 * @throws {Error} if an output is constant or not finite: the file is damaged then.
 */
export async function knownAnswer(
  descriptor: ModelDescriptor,
  files: { path: string; bytes: Uint8Array }[],
): Promise<KnownAnswer> {
  const answers = await run(descriptor, files);
  answers.forEach((answer, i) => {
    const varies = answer.length === 1 || answer.some((value) => value !== answer[0]);
    if (answer.every(Number.isFinite) && varies) return;
    throw new Error(
      `The output "${descriptor.outputs[i]?.name}" is constant or not finite for the self-check image: the file is damaged. Use an undamaged copy.`,
    );
  });
  return { checks: answers.map(sampled), answers };
}

async function run(
  { preprocessing, input, outputs }: ModelDescriptor,
  files: { bytes: Uint8Array }[],
): Promise<Float32Array[]> {
  tf.enableProdMode();
  registerOwnOperators({ registerOp, add: tf.add, div: tf.div, mul: tf.mul, relu6: tf.relu6, sigmoid: tf.sigmoid });
  await tf.setBackend('cpu');
  const [json, weights] = files.map(({ bytes }) => Buffer.from(bytes));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const model = loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const pixels = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const { width, height } = preprocessing;
  const answers = tf.tidy(() => {
    const x = tf.tensor4d(pixels, [1, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names) as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.dataSync<'float32'>());
  });
  model.dispose();
  return answers;
}

function sampled(answer: Float32Array): KnownAnswer['checks'][number] {
  const stride = Math.max(1, Math.floor(answer.length / maxValues));
  const magnitude = answer.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return {
    // Four digits, because the exponentials of backends can differ in the last of float32's seven.
    values: Array.from({ length: Math.min(maxValues, answer.length) }, (_, i) =>
      Number((answer[i * stride] as number).toPrecision(4)),
    ),
    stride,
    tolerance: Number(Math.max(magnitude * relativeTolerance, minTolerance).toPrecision(2)),
  };
}
