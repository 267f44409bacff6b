import * as tf from '@tensorflow/tfjs';
import type { ModelDescriptor } from '../../../../../lib/models/manifest.ts';
import { type NetworkImage, toInput } from '../../../../../lib/runtime/preprocess.ts';
import type { ModelFiles } from '../../../../../lib/runtime/runtime.ts';
import { registerOwnOperators } from '../../../../../lib/runtime/tensorflow/own-operators.ts';

/** Runs a model on TensorFlow.js's backend in plain JavaScript, which must be active. */
export function runReference(
  { input, outputs, preprocessing }: ModelDescriptor,
  files: ModelFiles,
  images: NetworkImage[],
): Float32Array[] {
  registerOwnOperators(tf);
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(files.json).toString());
  const weightData = new Uint8Array(files.weights).buffer;
  const model = tf.loadGraphModelSync({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  const { width, height } = preprocessing;
  const results = tf.tidy(() => {
    const x = tf.tensor4d(toInput(images, preprocessing), [images.length, height, width, 3]);
    const names = outputs.map(({ name }) => name);
    return [model.execute({ [input.name]: x }, names)].flat().map((y) => y.dataSync() as Float32Array);
  });
  model.dispose();
  return results;
}
