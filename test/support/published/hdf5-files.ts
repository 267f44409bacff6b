import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as hdf5 from 'h5wasm/node';

/**
 * An HDF5 file with weights of zeros in one layer, written with the HDF5 library.
 *
 * @param shapes the shape of each weight, by its name without `:0`.
 * @param storage how the weights are stored. Default: in one piece, as Keras does.
 */
export async function hdf5File(
  shapes: Readonly<Record<string, number[]>>,
  storage: { chunks?: number[]; compression?: number } = {},
): Promise<Uint8Array> {
  await hdf5.ready;
  const folder = mkdtempSync(join(tmpdir(), 'weights-'));
  const path = join(folder, 'weights.h5');
  const file = new hdf5.File(path, 'w');
  const layer = file.create_group('layer');
  for (const [name, shape] of Object.entries(shapes)) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    layer.create_dataset({ name: `${name}:0`, data, shape, dtype: '<f4', ...storage });
  }
  file.close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return Uint8Array.from(bytes);
}

/** The file, whose weights of a shape state another one. */
export function withLargerShapes(file: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const copy = Buffer.from(file);
  const sides = sidesOf(to);
  for (let at = copy.indexOf(sidesOf(from)); at >= 0; at = copy.indexOf(sidesOf(from), at + 1)) sides.copy(copy, at);
  return new Uint8Array(copy);
}

/** The file, whose first weight of a shape has the address of a dataset without storage: all bits are set. */
export function withoutStorage(file: Uint8Array, shape: readonly number[]): Uint8Array {
  const copy = Buffer.from(file);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(4 * shape.reduce((product, side) => product * side, 1)));
  // The layout message (version 3, contiguous) has the address and then the size of the values.
  const layout = copy.indexOf(Buffer.of(3, 1), copy.indexOf(sidesOf(shape)));
  if (!copy.subarray(layout + 10, layout + 18).equals(size)) throw new Error('The file has another layout.');
  copy.fill(0xff, layout + 2, layout + 10);
  return new Uint8Array(copy);
}

/** The sides of a shape as a dataspace message has them. */
function sidesOf(shape: readonly number[]): Buffer {
  return Buffer.from(BigUint64Array.from(shape, BigInt).buffer);
}
