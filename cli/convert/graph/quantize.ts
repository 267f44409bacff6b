import { float16 } from './float16.ts';
import { type GraphModel, type Node, nodesOf, type WeightEntry } from './graph-model.ts';
import { constantNode, constantProduct, type StoredWeight, storedWeights, withNodes } from './stored-weights.ts';

/** The storage type of quantised weights: `float16` halves their size, `uint8` quarters it. */
export type Quantization = 'float16' | 'uint8';

/** Maps the uint8 values 1 to 255 to −1 to 1, so that 0 is exact. */
const symmetricUint8 = { scale: 1 / 127, min: -128 / 127 };

/**
 * Quantises the filters and matrices of a graph model. Vectors and weights that are quantised already stay as they are. With `uint8`,
 * each channel of the last axis has its own scale, in a multiplication of two constants that the library evaluates once when it loads
 * the model. Depthwise filters, whose last axis is not their channels, become float16.
 *
 * @throws {Error} for a weight of a type without a fixed size.
 */
export function quantize(model: GraphModel, rule: Quantization): GraphModel {
  const stored: StoredWeight[] = [];
  const products = new Map<string, Node>();
  for (const { entry, bytes } of storedWeights(model)) {
    const { name, shape, dtype, quantization } = entry;
    const channels = shape.at(-1) ?? 1;
    if (dtype !== 'float32' || quantization || shape.length < 2) {
      stored.push({ entry, bytes });
    } else if (rule === 'float16' || channels === 1) {
      stored.push(asFloat16(entry, bytes));
    } else {
      const parts = asUint8(entry, bytes, channels);
      stored.push(...parts);
      const input = parts.map((part) => part.entry.name);
      products.set(name, constantProduct(name, input));
    }
  }
  const node = nodesOf(model).flatMap((each) => {
    const product = products.get(each.name);
    return product ? [...product.input.map(constantNode), product] : [each];
  });
  return withNodes(model, node, stored);
}

function asFloat16(entry: WeightEntry, bytes: Uint8Array<ArrayBuffer>): StoredWeight {
  const halves = new Uint16Array(new Float32Array(bytes.buffer).map(float16));
  return { entry: { ...entry, quantization: { dtype: 'float16' } }, bytes: new Uint8Array(halves.buffer) };
}

/** The values, and their scale per channel. */
function asUint8(
  { name, shape, dtype }: WeightEntry,
  bytes: Uint8Array<ArrayBuffer>,
  channels: number,
): StoredWeight[] {
  const values = new Float32Array(bytes.buffer);
  const scales = maxMagnitudes(values, channels);
  const quantized = values.map((value, i) => 128 + Math.round((127 * value) / (scales[i % channels] || 1)));
  const scaleShape = [...shape.slice(1).map(() => 1), channels];
  return [
    {
      entry: { name: `${name}/quantized`, shape, dtype, quantization: { dtype: 'uint8', ...symmetricUint8 } },
      bytes: new Uint8Array(quantized),
    },
    { entry: { name: `${name}/scale`, shape: scaleShape, dtype }, bytes: new Uint8Array(scales.buffer) },
  ];
}

/** The largest magnitude in each channel. */
function maxMagnitudes(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const magnitudes = new Float32Array(channels);
  values.forEach((value, i) => {
    const channel = i % channels;
    magnitudes[channel] = Math.max(magnitudes[channel] as number, Math.abs(value));
  });
  return magnitudes;
}
