import type { GraphModel, Node } from './graph-builder.ts';

/** How many bytes of a weight are kept: float16 halves them, uint8 quarters them. */
export type Quantization = 'float16' | 'uint8';

/** A weight's entry in `model.json`. */
interface Spec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string; scale?: number; min?: number };
}

const bytesOf: Record<string, number> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/** uint8 stands for −1 to 1 around 128, so that 0 stays 0. */
const eightBits = { scale: 1 / 127, min: -128 / 127 };

/**
 * A graph model whose filters and matrices take fewer bytes. Biases and the like stay as they are, and so does what is quantised
 * already. As uint8 each filter, a channel of the last axis, has a scale of its own, in a node that multiplies two constants,
 * which the library computes once when loading; filters of depthwise convolutions, whose last axis is not their channels, become
 * float16.
 *
 * @throws {Error} for a weight of a type that has no fixed size.
 */
export function quantized({ json, weights }: GraphModel, rule: Quantization): GraphModel {
  const [{ weights: specs }] = json.weightsManifest as [{ weights: Spec[] }];
  const { node: nodes, ...topology } = json.modelTopology as { node: Node[] };
  const kept: Spec[] = [];
  const chunks: Uint8Array[] = [];
  const keep = (spec: Spec, bytes: Uint8Array) => {
    kept.push(spec);
    chunks.push(bytes);
  };
  const products = new Map<string, Node>();
  let offset = 0;
  for (const spec of specs) {
    const { name, shape, dtype, quantization } = spec;
    const size = bytesOf[quantization?.dtype ?? dtype];
    if (size === undefined) throw new Error(`The weight ${name} is of type ${dtype}, which is not quantised.`);
    const count = shape.reduce((product, side) => product * side, 1);
    const bytes = new Uint8Array(weights.subarray(offset, offset + count * size));
    offset += count * size;
    const channels = shape.at(-1) ?? 1;
    if (dtype !== 'float32' || quantization || shape.length < 2) {
      keep(spec, bytes);
    } else if (rule === 'float16' || channels === 1) {
      const halves = new Uint16Array(new Float32Array(bytes.buffer).map(float16));
      keep({ ...spec, quantization: { dtype: 'float16' } }, new Uint8Array(halves.buffer));
    } else {
      const values = new Float32Array(bytes.buffer);
      const scales = largestOfEach(values, channels);
      const eighths = new Uint8Array(
        values.map((value, i) => 128 + Math.round((127 * value) / (scales[i % channels] || 1))),
      );
      const parts = [`${name}/quantized`, `${name}/scale`] as const;
      const scaleShape = [...shape.slice(1).map(() => 1), channels];
      keep({ name: parts[0], shape, dtype, quantization: { dtype: 'uint8', ...eightBits } }, eighths);
      keep({ name: parts[1], shape: scaleShape, dtype }, new Uint8Array(scales.buffer));
      products.set(name, { name, op: 'Mul', input: [...parts], attr: { T: { type: 'DT_FLOAT' } } });
    }
  }
  const constant = (name: string): Node => ({ name, op: 'Const', input: [], attr: { dtype: { type: 'DT_FLOAT' } } });
  const node = nodes.flatMap((each) => {
    const product = products.get(each.name);
    return product ? [...product.input.map(constant), product] : [each];
  });
  return {
    json: {
      ...json,
      modelTopology: { ...topology, node },
      weightsManifest: [{ paths: ['weights.bin'], weights: kept }],
    },
    weights: Buffer.concat(chunks),
  };
}

/** The largest size of a value in each channel. */
function largestOfEach(values: Float32Array, channels: number): Float32Array {
  const largest = new Float32Array(channels);
  values.forEach((value, i) => {
    const channel = i % channels;
    largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
  });
  return largest;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the float16 that is nearest to a number, of two the even one; beyond float16's largest, that. */
export function float16(value: number): number {
  float[0] = Math.min(Math.abs(value), 65504);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const [single] = bits as unknown as [number];
  const exponent = (single >>> 23) - 112;
  // Below 2⁻¹⁴ the steps are all of 2⁻²⁴.
  if (exponent <= 0) return sign | roundToEven((float[0] as number) * 2 ** 24);
  const mantissa = single & 0x7fffff;
  return sign | roundToEven((exponent << 10) + mantissa / 2 ** 13);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
