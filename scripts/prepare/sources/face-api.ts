import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Weight } from '../../../cli/convert/graph/graph-model.ts';
import type { ModelSource } from '../../../lib/models/manifest.ts';
import { packageFolder, source } from './npm-packages.ts';

/** The npm package of face-api.js's networks. */
export const faceApi = '@vladmandic/face-api';

interface WeightEntry {
  name: string;
  shape: number[];
  quantization?: { dtype: 'uint8'; scale: number; min: number };
}

/** The weights of one of face-api's networks: mostly uint8 with a scale and a minimum each, some float32. */
export class FaceApiWeights {
  readonly #weights = new Map<string, Weight>();

  /**
   * @param network the name of its files, without "_model-weights_manifest.json" and "_model.bin".
   * @throws {Error} when the weight file does not have the size that the manifest states.
   */
  constructor(network: string) {
    const path = join(packageFolder(faceApi), `model/${network}_model`);
    const [manifest] = JSON.parse(readFileSync(`${path}-weights_manifest.json`, 'utf8')) as [
      { weights: WeightEntry[] },
    ];
    const bytes = readFileSync(`${path}.bin`);
    let offset = 0;
    for (const { name, shape, quantization } of manifest.weights) {
      const length = shape.reduce((product, size) => product * size, quantization ? 1 : 4);
      const values = new Uint8Array(bytes.subarray(offset, offset + length));
      offset += length;
      this.#weights.set(
        name,
        quantization
          ? { shape, dtype: 'float32', values, quantization: { scale: quantization.scale, min: quantization.min } }
          : { shape, dtype: 'float32', values: new Float32Array(values.buffer) },
      );
    }
    if (offset !== bytes.length) {
      throw new Error(`${path}.bin has ${bytes.length} bytes instead of ${offset}: install ${faceApi} again.`);
    }
  }

  /** A weight as it is stored. @throws {Error} for an unknown name. */
  get(name: string): Weight {
    const weight = this.#weights.get(name);
    if (!weight) throw new Error(`${faceApi} has no weight ${name}: use the pinned version.`);
    return weight;
  }

  /** The values of a weight, dequantised and rounded to float32 as in TensorFlow.js. */
  floats(name: string): Float32Array {
    const weight = this.get(name);
    if (!('quantization' in weight) || weight.quantization === 'float16') return Float32Array.from(weight.values);
    const { scale, min } = weight.quantization;
    return Float32Array.from(weight.values, (value) => value * scale + min);
  }
}

/** The provenance of one of face-api's networks. */
export function faceApiSource(network: string, conversion: string): ModelSource {
  const files = [`model/${network}_model-weights_manifest.json`, `model/${network}_model.bin`];
  return source(faceApi, files, conversion);
}
