import { type GraphModel, type Node, nodeName, nodesOf } from './graph-model.ts';
import { type StoredWeight, storedWeights, withNodes } from './stored-weights.ts';

/**
 * Swaps height and width in a network of convolutions, poolings and matrix products, so that it gives for an image what it gave for
 * the transposed image.
 *
 * @throws {Error} if a filter is not square, or the image before a matrix product.
 */
export function swapAxes(model: GraphModel): GraphModel {
  const stored = storedWeights(model);
  const sides = sidesOfMatrices(nodesOf(model), stored);
  const swapped = stored.map((weight) => {
    const { name, shape } = weight.entry;
    if (shape.length === 4 && shape[0] !== shape[1]) throw new Error(`the filter ${name} is ${shape[0]}×${shape[1]}`);
    const side = shape.length === 4 ? shape[0] : sides.get(name);
    return side === undefined ? weight : { ...weight, bytes: withSwappedAxes(weight.bytes, side) };
  });
  return withNodes(model, nodesOf(model), swapped);
}

/** The side of the image that is flattened before a matrix product, by the name of the matrix. */
function sidesOfMatrices(nodes: readonly Node[], stored: readonly StoredWeight[]): Map<string, number> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const shapes = new Map(stored.map(({ entry }) => [entry.name, entry.shape]));
  const sides = new Map<string, number>();
  for (const { op, input } of nodes) {
    const [x = '', matrix = ''] = input;
    let image = byName.get(nodeName(x));
    if (!op.endsWith('MatMul') || image?.op !== 'Reshape') continue;
    while (image && image.op !== '_FusedConv2D') image = byName.get(nodeName(image.input[0] ?? ''));
    const channels = shapes.get(image?.input[1] ?? '')?.[3] as number;
    const side = Math.sqrt((shapes.get(matrix)?.[0] as number) / channels);
    if (!Number.isInteger(side)) throw new Error(`the image before the matrix ${matrix} is not square`);
    sides.set(matrix, side);
  }
  return sides;
}

/** Swaps the first two axes of a tensor. Both have the same length. */
function withSwappedAxes(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const swapped = bytes.slice();
  const size = bytes.length / (length * length);
  for (let row = 0; row < length; row++) {
    for (let column = 0; column < length; column++) {
      const from = (column * length + row) * size;
      swapped.set(bytes.subarray(from, from + size), (row * length + column) * size);
    }
  }
  return swapped;
}
