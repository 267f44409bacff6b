import { concatenated } from '../bytes.ts';
import type { GraphModel, Node, WeightEntry } from './graph-model.ts';

/** A weight with its bytes, as the weight file stores them. */
export interface StoredWeight {
  entry: WeightEntry;
  bytes: Uint8Array<ArrayBuffer>;
}

const bytesPerValue: Record<string, number> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/**
 * Splits the weight file of a graph model into its weights.
 *
 * @throws {Error} for a weight of a type without a fixed size, or another number of bytes than the weights have.
 */
export function storedWeights({ json, weights }: GraphModel): StoredWeight[] {
  const [{ weights: entries }] = json.weightsManifest as [{ weights: WeightEntry[] }];
  let offset = 0;
  const stored = entries.map((entry) => {
    const { name, shape, dtype, quantization } = entry;
    const size = bytesPerValue[quantization?.dtype ?? dtype];
    if (size === undefined) {
      throw new Error(
        `The weight ${name} has the type ${dtype}, which cannot be read: use a file with float32 weights.`,
      );
    }
    const length = shape.reduce((product, side) => product * side, 1) * size;
    const bytes = new Uint8Array(weights.subarray(offset, offset + length));
    offset += length;
    return { entry, bytes };
  });
  if (offset === weights.length) return stored;
  throw new Error(`The weight files have ${weights.length} bytes instead of ${offset}: download the model again.`);
}

/** The same model with other nodes and weights. */
export function withNodes(model: GraphModel, node: Node[], stored: readonly StoredWeight[]): GraphModel {
  const { node: _, ...topology } = model.json.modelTopology as { node: Node[] };
  const weightsManifest = [{ paths: ['weights.bin'], weights: stored.map(({ entry }) => entry) }];
  return {
    json: { ...model.json, modelTopology: { ...topology, node }, weightsManifest },
    weights: concatenated(stored.map(({ bytes }) => bytes)),
  };
}

/** The node of a float32 constant. */
export function constantNode(name: string): Node {
  return { name, op: 'Const', input: [], attr: { dtype: { type: 'DT_FLOAT' } } };
}

/** The node of a product of two constants, which the library evaluates once when it loads the model. */
export function constantProduct(name: string, input: string[]): Node {
  return { name, op: 'Mul', input, attr: { T: { type: 'DT_FLOAT' } } };
}
