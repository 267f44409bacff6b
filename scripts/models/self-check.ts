import * as tf from '@tensorflow/tfjs';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../lib/models/preprocess.ts';

/** How many values of each output are kept, spread over all of it: enough to tell right from wrong. */
const kept = 16;

/** The share of the output's size by which another backend's arithmetic may differ. */
const relativeTolerance = 0.02;

/** What the network makes of the self-check picture, computed in plain JavaScript. */
export async function knownAnswer(
  { preprocessing, input, outputs }: ModelDescriptor,
  files: { path: string; bytes: Uint8Array }[],
): Promise<NonNullable<ModelDescriptor['selfCheck']>> {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const [json, weights] = files.map(({ bytes }) => Buffer.from(bytes));
  const { modelTopology, weightsManifest } = JSON.parse(String(json));
  const weightData = new Uint8Array(weights as Buffer).buffer;
  const model = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const picture = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const { width, height } = preprocessing;
  const answers = tf.tidy(() => {
    const x = tf.tensor4d(picture, [1, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names) as tf.Tensor | tf.Tensor[]].flat().map((y) => y.dataSync());
  });
  model.dispose();
  return answers.map((answer) => {
    const stride = Math.max(1, Math.floor(answer.length / kept));
    const size = Array.from(answer).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return {
      // Four digits: engines' exponentials may differ in the last of float32's seven.
      values: Array.from({ length: kept }, (_, i) => Number((answer[i * stride] ?? 0).toPrecision(4))),
      stride,
      tolerance: Number((size * relativeTolerance).toPrecision(2)),
    };
  });
}
