import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';
import { expectSameOutput, noise, type OnnxCase, single } from './support/compare-with-onnx-runtime.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const transposed = (
  attributes: NonNullable<OnnxCase['nodes'][number]['attributes']>,
  [rows, columns]: [number, number],
  perGroup = 4,
): OnnxCase => single('ConvTranspose', attributes, { w: noise(3, perGroup, rows, columns), b: noise(4) });

const cases: Record<string, OnnxCase> = {
  'padding and a stride of 2': transposed({ strides: [2, 2], pads: [1, 1, 1, 1] }, [3, 3]),
  'a filter of the stride': transposed({ strides: [2, 2] }, [2, 2]),
  'a filter of twice the stride': transposed({ strides: [2, 2], pads: [1, 1, 1, 1] }, [4, 4]),
  'a stride of 1': transposed({ pads: [1, 1, 1, 1] }, [3, 3]),
  'strides and a filter that differ by axis': transposed({ strides: [3, 2], pads: [0, 1, 2, 1] }, [2, 5]),
  'a stride larger than the filter': transposed({ strides: [3, 3] }, [2, 2]),
  output_padding: transposed({ strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }, [3, 3]),
  'output_padding beyond its padding': transposed({ strides: [3, 3], output_padding: [2, 1] }, [3, 3]),
  dilation: transposed({ strides: [2, 2], dilations: [2, 3] }, [3, 2]),
  'an output_shape': transposed({ strides: [2, 2], output_shape: [15, 16] }, [3, 4]),
  'auto_pad SAME_UPPER': transposed({ strides: [2, 2], auto_pad: 'SAME_UPPER' }, [3, 4]),
  'auto_pad SAME_LOWER': transposed({ strides: [2, 2], auto_pad: 'SAME_LOWER' }, [3, 4]),
  'auto_pad VALID': transposed({ strides: [2, 2], auto_pad: 'VALID' }, [3, 3]),
  'a group for each channel': single(
    'ConvTranspose',
    { strides: [2, 2], group: 3, pads: [1, 1, 1, 1] },
    { w: noise(3, 1, 4, 4) },
  ),
  'two groups': {
    nodes: [
      { op: 'Conv', inputs: ['x', 'v'], output: 'c' },
      { op: 'ConvTranspose', inputs: ['c', 'w', 'b'], output: 't', attributes: { group: 2, strides: [2, 2] } },
      { op: 'Relu', inputs: ['t'], output: 'y' },
    ],
    tensors: { v: noise(4, 3, 1, 1), w: noise(4, 3, 3, 3), b: noise(6) },
  },
};

test.each(Object.entries(cases))('a transposed convolution with %s has the output of ONNX Runtime Web', (_, each) =>
  expectSameOutput(each),
);
