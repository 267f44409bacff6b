import type { StoredTensor } from '../architectures/weight-file.ts';
import { damaged, unsupportedFile } from '../errors.ts';
import { type ScalarReader, scalarReaders } from '../graph/scalars.ts';

/** The types of numbers, by their names in the header. */
const types: Record<string, ScalarReader> = {
  F64: scalarReaders.float64,
  F32: scalarReaders.float32,
  F16: scalarReaders.float16,
  BF16: scalarReaders.bfloat16,
  I64: scalarReaders.int64,
  I32: scalarReaders.int32,
  I16: scalarReaders.int16,
  I8: scalarReaders.int8,
  U8: scalarReaders.uint8,
  BOOL: scalarReaders.uint8,
};

/**
 * The tensors of a .safetensors file, by their names. (github.com/huggingface/safetensors, README.md, Format)
 *
 * @throws {FaceNetError} `model-file-damaged` for an impossible header; `model-file-unsupported` for a type that is not read.
 */
export function readSafetensors(bytes: Uint8Array): Map<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + view.getUint32(0, true);
  if (start > bytes.length) throw damaged('The .safetensors file is truncated');
  const header = headerOf(bytes.subarray(8, start));
  const tensors = new Map<string, StoredTensor>();
  // Tensors may not overlap, so that all of them together have no more values than the file has bytes.
  let budget = bytes.length;
  const claim = (count: number) => {
    budget -= count;
    if (!(budget >= 0)) throw damaged('The tensors of the .safetensors file overlap');
  };
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, tensorOf(name, entry, bytes.subarray(start), claim));
  }
  return tensors;
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>;
  } catch (cause) {
    throw damaged('The header of the .safetensors file is not JSON', { cause });
  }
  throw damaged('The header of the .safetensors file is not an object');
}

function tensorOf(name: string, entry: unknown, data: Uint8Array, claim: (count: number) => void): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const type = Object.hasOwn(types, String(dtype)) ? types[String(dtype)] : undefined;
  if (!type)
    throw unsupportedFile(`The tensor "${name}" has the type ${dtype}, which is not read: save it as float32.`);
  const isPossible = areSizes(shape) && areSizes(offsets);
  const [from = 0, to = 0] = isPossible ? offsets : [];
  const count = isPossible ? shape.reduce((product, size) => product * size, 1) : Number.NaN;
  if (!isPossible || to > data.length || to - from !== count * type.bytes) {
    throw damaged(`The tensor "${name}" does not lie within the .safetensors file`);
  }
  claim(count);
  const view = new DataView(data.buffer, data.byteOffset + from, to - from);
  return { shape, values: Float32Array.from({ length: count }, (_, i) => type.read(view, i * type.bytes)) };
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
