import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { float16 } from '../../../../../cli/convert/graph/float16.ts';

test('float16 has the bits of the nearest half for exact values, values between two halves and values out of range', () => {
  const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
  const spec = { name: 'x', shape: [0x7c00], dtype: 'float32' as const, quantization };
  const halves = Uint16Array.from({ length: 0x7c00 }, (_, i) => i);
  const values = tf.io.decodeWeights(halves.buffer, [spec]).x?.dataSync() as Float32Array;
  const wrong = [...values].flatMap((value, i) => {
    const next = values[i + 1] ?? 65536;
    const even = i % 2 === 0 ? i : i + 1;
    const expected = [i, 0x8000 + i, i, even === 0x7c00 ? 0x7bff : even];
    const actual = [value, -value, value + (next - value) * 0.49, (value + next) / 2].map(float16);
    return `${actual}` === `${expected}` || i === 0 ? [] : [`${value}: ${actual} instead of ${expected}`];
  });
  expect(wrong).toEqual([]);
  expect([0, -0, 1e9, 2 ** -25, 2 ** -24].map(float16)).toEqual([0, 0x8000, 0x7bff, 0, 1]);
});
