import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../lib/runtime/preprocess.ts';

/** How many values of each output are kept, spread over all of it: enough to tell right from wrong. */
const kept = 16;

/** The share of the output's size by which another backend's arithmetic may differ, and the least that it may. */
const relativeTolerance = 0.02;
const leastTolerance = 1e-3;

/**
 * What the network makes of the self-check picture, computed in plain JavaScript, and the whole of each output.
 *
 * @throws {Error} when an output is not made of numbers, or of one number throughout: then the network is broken.
 */
export async function knownAnswer(
  { preprocessing, input, outputs }: ModelDescriptor,
  files: { path: string; bytes: Uint8Array }[],
): Promise<{ checks: NonNullable<ModelDescriptor['selfCheck']>; answers: Float32Array[] }> {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const [json, weights] = files.map(({ bytes }) => Buffer.from(bytes));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const model = loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const picture = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const { width, height } = preprocessing;
  const answers = tf.tidy(() => {
    const x = tf.tensor4d(picture, [1, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names) as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.dataSync<'float32'>());
  });
  model.dispose();
  answers.forEach((answer, i) => {
    const varies = answer.length === 1 || answer.some((value) => value !== answer[0]);
    if (answer.every(Number.isFinite) && varies) return;
    throw new Error(
      `The network answers nothing sensible to the self-check picture (${outputs[i]?.name}): ${answer[0]}.`,
    );
  });
  const checks = answers.map((answer) => {
    const stride = Math.max(1, Math.floor(answer.length / kept));
    const size = Array.from(answer).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return {
      // Four digits: engines' exponentials may differ in the last of float32's seven.
      values: Array.from({ length: Math.min(kept, answer.length) }, (_, i) =>
        Number((answer[i * stride] as number).toPrecision(4)),
      ),
      stride,
      tolerance: Number(Math.max(size * relativeTolerance, leastTolerance).toPrecision(2)),
    };
  });
  return { checks, answers };
}
