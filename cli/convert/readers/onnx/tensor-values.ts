import { damaged, unsupportedFile } from '../../errors.ts';
import { float32FromHalf } from '../../graph/float16.ts';
import { type ScalarReader, scalarReaders } from '../../graph/scalars.ts';
import { type ExternalFiles, externalBytes } from './external-data.ts';
import type { OnnxTensor } from './onnx-file.ts';
import { elementCount, type Known } from './values.ts';

interface TensorType extends ScalarReader {
  type: Known['type'];
}

const integer = (reader: ScalarReader): TensorType => ({ ...reader, type: 'integer' });
const float = (reader: ScalarReader): TensorType => ({ ...reader, type: 'float' });

/** TensorProto.DataType. */
const tensorTypes: Record<number, TensorType> = {
  1: float(scalarReaders.float32),
  2: integer(scalarReaders.uint8),
  3: integer(scalarReaders.int8),
  4: integer(scalarReaders.uint16),
  5: integer(scalarReaders.int16),
  6: integer(scalarReaders.int32),
  7: integer(scalarReaders.int64),
  9: { ...scalarReaders.uint8, type: 'boolean' },
  10: float(scalarReaders.float16),
  11: float(scalarReaders.float64),
  12: integer(scalarReaders.uint32),
  13: integer(scalarReaders.uint64),
  16: float(scalarReaders.bfloat16),
};

/** The type of a known tensor, by TensorProto.DataType. @throws {FaceNetError} for a type without numbers. */
export function knownType(code: number): Known['type'] {
  return tensorType(code).type;
}

/**
 * The values of a tensor in the file. float16 and bfloat16 are expanded.
 *
 * @param claim called with the number of values before they are allocated.
 * @param files the files of values that are not in the model.
 * @throws {FaceNetError} `model-file-damaged` when there are more or fewer values than the shape has, `model-file-unsupported` for
 *   a type that is not read.
 */
export function tensorValues(tensor: OnnxTensor, claim: (count: number) => void, files: ExternalFiles): Known {
  const { name, shape } = tensor;
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw damaged(`The tensor "${name}" has the impossible shape [${shape}]`);
  }
  const count = elementCount(shape);
  const { type, bytes, read } = tensorType(tensor.type);
  const raw = tensor.isExternal ? externalBytes(tensor, count * bytes, files) : tensor.raw;
  const stored = raw ? raw.length / bytes : tensor.floats.length + tensor.ints.length;
  if (stored !== count) {
    throw damaged(`The tensor "${name}" has ${stored} values instead of ${count}, those of its shape [${shape}]`);
  }
  claim(count);
  const values = type === 'float' ? new Float32Array(count) : new Float64Array(count);
  if (raw) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < count; i++) values[i] = read(view, i * bytes);
  } else {
    // The lists hold float16 as its bits.
    const isHalf = tensor.type === 10;
    const list = tensor.ints.length > 0 ? tensor.ints : tensor.floats;
    for (let i = 0; i < count; i++) values[i] = isHalf ? float32FromHalf(list[i] as number) : (list[i] as number);
  }
  return { kind: 'known', shape, type, values, isSigned: tensor.type === 3 };
}

function tensorType(code: number): TensorType {
  const known = tensorTypes[code];
  if (known) return known;
  throw unsupportedFile(
    `The .onnx file has a tensor of the data type ${code}, which is not read: export it as float32.`,
  );
}
