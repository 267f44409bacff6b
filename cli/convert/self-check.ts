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
export interface ExpectedOutputs {
  /** Samples of each output, for the manifest. */
  checks: NonNullable<ModelDescriptor['selfCheck']>;
  /** Each whole output. */
  outputs: Float32Array[];
}

/**
 * Runs a network on the self-check image, in plain JavaScript.
 *
 * @param files `model.json`, then its weight file.
 * @throws {Error} if an output is constant or not finite: the file is damaged then.
 */
export async function expectedOutputs(
  descriptor: Pick<ModelDescriptor, 'preprocessing' | 'input' | 'outputs'>,
  files: { path: string; bytes: Uint8Array }[],
): Promise<ExpectedOutputs> {
  const outputs = await run(descriptor, files);
  outputs.forEach((output, i) => {
    const varies = output.length === 1 || output.some((value) => value !== output[0]);
    if (output.every(Number.isFinite) && varies) return;
    throw new Error(
      `The output "${descriptor.outputs[i]?.name}" is constant or not finite for the self-check image: the file is damaged. Use an undamaged copy.`,
    );
  });
  return { checks: outputs.map(sampled), outputs };
}

async function run(
  { preprocessing, input, outputs }: Pick<ModelDescriptor, 'preprocessing' | 'input' | 'outputs'>,
  files: { bytes: Uint8Array }[],
): Promise<Float32Array[]> {
  tf.enableProdMode();
  registerOwnOperators({ registerOp, add: tf.add, div: tf.div, mul: tf.mul, relu6: tf.relu6, sigmoid: tf.sigmoid });
  await tf.setBackend('cpu');
  const [json, weights] = files.map(({ bytes }) => bytes);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
  const weightData = new Uint8Array(weights as Uint8Array).buffer;
  const model = loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const pixels = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const { width, height } = preprocessing;
  const values = tf.tidy(() => {
    const x = tf.tensor4d(pixels, [1, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names) as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.dataSync<'float32'>());
  });
  model.dispose();
  return values;
}

function sampled(output: Float32Array): ExpectedOutputs['checks'][number] {
  const stride = Math.max(1, Math.floor(output.length / maxValues));
  const magnitude = output.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return {
    // Four digits, because the exponentials of backends can differ in the last of float32's seven.
    values: Array.from({ length: Math.min(maxValues, output.length) }, (_, i) =>
      Number((output[i * stride] as number).toPrecision(4)),
    ),
    stride,
    tolerance: Number(Math.max(magnitude * relativeTolerance, minTolerance).toPrecision(2)),
  };
}
