import type { Table } from './flatbuffer-table.ts';

/** The values of a tensor. */
type Values = Float32Array | Int32Array | Uint16Array;

/** A level of a sparse tensor, in storage order. */
interface Level {
  /** The number of indices. */
  size: number;
  /** The distance between neighbouring indices in the dense tensor. */
  stride: number;
  /** For a compressed level, the stored indices; those of parent i are between `segments[i]` and `segments[i + 1]`. */
  compressed: { segments: number[]; indices: number[] } | undefined;
}

/** Called with the amount of work before it is done. Throws when it exceeds the limit. */
type Claim = (count: number) => void;

/**
 * Expands a sparse tensor. Its first levels are the tensor's dimensions, divided by their block sizes; the remaining ones are the
 * dimensions inside the blocks. (tensorflow/lite/kernels/internal/utils/sparsity_format_converter.cc, FormatConverter::Populate)
 *
 * @throws {RangeError} for a damaged description.
 */
export function densify<T extends Values>(stored: T, shape: number[], sparsity: Table, claim: Claim): T {
  const { levels, count } = readLevels(shape, sparsity, claim);
  if (count !== stored.length) throw new RangeError('a sparse tensor has more or fewer values than places');
  const length = shape.reduce((product, size) => product * size, 1);
  const values = new (stored.constructor as new (length: number) => T)(length);
  populate(values, stored, levels);
  return values;
}

/** Copies the stored values of the `parent`th place of a level to the dense tensor. */
function populate(values: Values, stored: Values, levels: readonly Level[], level = 0, parent = 0, offset = 0): void {
  const current = levels[level];
  if (!current) {
    values[offset] = stored[parent] as number;
    return;
  }
  const { size, stride, compressed } = current;
  if (compressed) {
    const { segments, indices } = compressed;
    for (let i = segments[parent] as number; i < (segments[parent + 1] as number); i++) {
      populate(values, stored, levels, level + 1, i, offset + stride * (indices[i] as number));
    }
  } else {
    for (let i = 0; i < size; i++) populate(values, stored, levels, level + 1, parent * size + i, offset + stride * i);
  }
}

/** @returns the levels, and the number of stored values that they describe. */
function readLevels(shape: number[], sparsity: Table, claim: Claim): { levels: Level[]; count: number } {
  const { dimensions, metadata } = readDimensions(shape, sparsity, claim);
  const rank = shape.length;
  const blocks = new Array<number>(rank).fill(1);
  for (let level = rank; level < dimensions.length; level++) {
    blocks[dimensions[level] as number] = (metadata[level] as Table).int(1);
  }
  const strides = shape.map((_, dimension) => shape.slice(dimension + 1).reduce((product, size) => product * size, 1));
  // The number of places in the levels so far. Each has a part of the next level, or a value after the last level.
  let count = 1;
  const levels = metadata.map((table, level): Level => {
    const dimension = dimensions[level] as number;
    const block = blocks[dimension] as number;
    const isBlock = level >= rank;
    const size = isBlock ? block : (shape[dimension] as number) / block;
    const isCompressed = table.byte(0) === 1;
    const isPossible = Number.isInteger(size) && size > 0 && (isCompressed ? !isBlock : table.int(1) === size);
    if (!isPossible) throw new RangeError('a sparse tensor has an impossible size');
    const stride = (strides[dimension] as number) * (isBlock ? 1 : block);
    const compressed = isCompressed ? readCompressed(table, count, size) : undefined;
    count = compressed ? compressed.indices.length : count * size;
    claim(count);
    return { size, stride, compressed };
  });
  return { levels, count };
}

/** @returns the dimension of the tensor that each level belongs to, and the metadata of each level. */
function readDimensions(shape: number[], sparsity: Table, claim: Claim): { dimensions: number[]; metadata: Table[] } {
  const order = sparsity.ints(0);
  const blockMap = sparsity.ints(1);
  const metadata = sparsity.tables(2);
  claim(order.length + blockMap.length + metadata.length);
  const rank = shape.length;
  const isValid =
    metadata.length === rank + blockMap.length &&
    isPermutation(order.slice(0, rank), 0, rank) &&
    isPermutation(order.slice(rank), rank, blockMap.length) &&
    new Set(blockMap).size === blockMap.length &&
    blockMap.every((dimension) => dimension >= 0 && dimension < rank);
  if (!isValid) throw new RangeError('a sparse tensor has impossible dimensions');
  const dimensions = order.map((number) => (number < rank ? number : (blockMap[number - rank] as number)));
  return { dimensions, metadata };
}

/** Whether numbers are a permutation of the `count` numbers from `first` on. */
function isPermutation(numbers: number[], first: number, count: number): boolean {
  const isInRange = numbers.every((number) => number >= first && number < first + count);
  return numbers.length === count && isInRange && new Set(numbers).size === count;
}

/** @param parents the number of places in the level before. */
function readCompressed(table: Table, parents: number, size: number): NonNullable<Level['compressed']> {
  const [segments, indices] = [indexVector(table, 2), indexVector(table, 4)];
  const isPossible =
    segments.length === parents + 1 &&
    segments[0] === 0 &&
    segments[parents] === indices.length &&
    segments.every((start, i) => i === 0 || start >= (segments[i - 1] as number)) &&
    indices.every((index) => index >= 0 && index < size);
  if (!isPossible) throw new RangeError('a sparse tensor has impossible indices');
  return { segments, indices };
}

/** A SparseIndexVector: a union, whose type is field `number` and whose value is the next field. */
function indexVector(dimension: Table, number: number): number[] {
  const vector = dimension.table(number + 1);
  if (!vector) return [];
  const type = dimension.byte(number);
  return type === 1 ? vector.ints(0) : type === 2 ? vector.shorts(0) : [...vector.bytes(0)];
}
