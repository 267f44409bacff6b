import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';
import { expect } from 'vitest';
import { readModel } from '../../../../../cli/convert/read-model.ts';
import { seeded } from '../../../../../lib/core/random.ts';
import type { Pixels } from '../../../../../lib/core/types.ts';
import { UnsupportedOperatorError } from '../../../../../lib/runtime/kernels/lowering/node-attributes.ts';
import { type WrittenNode, type WrittenTensor, writeOnnx } from '../../../../support/published/onnx-writer.ts';
import { load } from '../small-embedder.ts';
import { maxDifference, rgb, runOnKernels } from './run-converted.ts';

/** A graph of ONNX from the image `x` [1, 3, 8, 8] to `y`. */
export interface OnnxCase {
  nodes: WrittenNode[];
  tensors?: Record<string, WrittenTensor>;
  /** Default: 13. */
  opset?: number;
  /** The largest difference. Default: 10⁻⁵. */
  tolerance?: number;
  /** The operators that the kernels lack, so that the network runs on TensorFlow.js. Default: none. */
  missing?: string[];
}

const random = seeded(3);

/** A tensor of random values from −1 to 1. */
export const noise = (...shape: number[]): WrittenTensor => ({
  shape,
  floats: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 2 - 1),
});

/** A float. */
export const scalar = (value: number): WrittenTensor => ({ shape: [], floats: [value] });

/** A list of floats. */
export const floats = (...values: number[]): WrittenTensor => ({ shape: [values.length], floats: values });

/** A list of int64. */
export const int64 = (...values: number[]): WrittenTensor => ({ shape: [values.length], integers: values });

/** A graph of one operator, whose first input is the image and whose further inputs are the given tensors. */
export function single(
  op: string,
  attributes: NonNullable<WrittenNode['attributes']> = {},
  tensors: Record<string, WrittenTensor> = {},
  more: Partial<OnnxCase> = {},
): OnnxCase {
  return { nodes: [{ op, inputs: ['x', ...Object.keys(tensors)], output: 'y', attributes }], tensors, ...more };
}

const side = 8;

/** Converts a graph, runs it in TensorFlow.js and on the kernels, and expects the output of ONNX Runtime Web for a random image. */
export async function expectSameOutput({
  nodes,
  tensors = {},
  opset = 13,
  tolerance = 1e-5,
  missing = [],
}: OnnxCase): Promise<void> {
  const file = writeOnnx(nodes, tensors, { opset });
  const image = randomImage();
  const values = planesOf(image);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new ort.Tensor('float32', values, [1, 3, side, side]) });
  const expected = y?.data as Float32Array;
  const read = await readModel('small.onnx', file, undefined);
  const input = tf.transpose(tf.tensor4d(values, [1, 3, side, side]), [0, 2, 3, 1]);
  const output = load(read).execute({ image: input }, 'y') as tf.Tensor;
  const shape = y?.dims ?? [];
  // A result whose first axis is not the batch has it in front.
  expect(output.shape.join()).toBe((shape[0] === 1 ? shape : [1, ...shape]).join());
  expect(maxDifference(output.dataSync(), expected)).toBeLessThan(tolerance);
  const preprocessing = rgb(side, side, 127.5);
  if (missing.length > 0) {
    const error: unknown = await runOnKernels(read, [image], preprocessing).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UnsupportedOperatorError);
    const operators = new Set((error as UnsupportedOperatorError).operators.map(({ op }) => op));
    expect([...operators]).toEqual(missing);
    return;
  }
  const onKernels = await runOnKernels(read, [image], preprocessing);
  expect(maxDifference(onKernels.y as Float32Array, expected)).toBeLessThan(tolerance);
}

function randomImage(): Pixels {
  const data = Uint8ClampedArray.from({ length: side * side * 4 }, () => Math.floor(random() * 256));
  return { width: side, height: side, data };
}

/** The image in NCHW, from −1 to 1. */
function planesOf({ data }: Pixels): Float32Array {
  const pixels = side * side;
  return Float32Array.from({ length: 3 * pixels }, (_, i) => {
    const [channel, pixel] = [Math.floor(i / pixels), i % pixels];
    return ((data[pixel * 4 + channel] as number) - 127.5) / 127.5;
  });
}
