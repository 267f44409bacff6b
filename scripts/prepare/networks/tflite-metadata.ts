import { Builder } from 'flatbuffers';
import { Table } from '../../../cli/convert/readers/tflite/flatbuffer-table.ts';

/** The fields of the Model table, by number. (tensorflow/compiler/mlir/lite/schema/schema.fbs) */
const model = { version: 0, buffers: 4, metadata: 6 } as const;
const modelFields = 8;

/**
 * Gives a .tflite file the metadata without which MediaPipe's tasks-vision refuses it: one RGB image input with a mean and
 * a standard deviation, and as many outputs as it has.
 *
 * Offsets in a FlatBuffer point forwards, so a new Model table in front of the old file can refer to all that the old one
 * did: nothing of the old file is moved or rewritten.
 */
export function addMetadata(
  tflite: Uint8Array,
  normalization: { mean: number; std: number },
  outputs: number,
): Uint8Array {
  const old = Table.root(tflite);
  const metadata = modelMetadata(normalization, outputs);
  const file = new Prefix();

  const table = file.table(0, modelFields);
  file.setText(4, 'TFL3');
  file.setUint32(file.field(table, model.version), old.int(model.version));

  const oldBuffers = old.tables(model.buffers);
  const buffers = file.vector(file.field(table, model.buffers), oldBuffers.length + 1);
  const oldEntries = old.tables(model.metadata);
  const entries = file.vector(file.field(table, model.metadata), oldEntries.length + 1);

  const entry = file.table(entries + 4 * oldEntries.length, 2);
  file.text(file.field(entry, 0), 'TFLITE_METADATA');
  file.setUint32(file.field(entry, 1), oldBuffers.length);
  const buffer = file.table(buffers + 4 * oldBuffers.length, 1);
  file.bytes(file.field(buffer, 0), metadata);

  const start = file.align(16);
  for (let field = 0; field < modelFields; field++) {
    const at = old.field(field);
    if (at === 0 || Object.values<number>(model).includes(field)) continue;
    file.point(file.field(table, field), start + old.buffer.__indirect(at));
  }
  oldBuffers.forEach(({ position }, i) => {
    file.point(buffers + 4 * i, start + position);
  });
  oldEntries.forEach(({ position }, i) => {
    file.point(entries + 4 * i, start + position);
  });
  return Buffer.concat([file.finish(), tflite]);
}

/** The ModelMetadata table. (tflite-support, metadata_schema.fbs; the comments name its fields.) */
function modelMetadata({ mean, std }: { mean: number; std: number }, outputs: number): Uint8Array {
  const builder = new Builder(512);
  const table = (fields: number, fill: () => void) => {
    builder.startObject(fields);
    fill();
    return builder.endObject();
  };
  const vector = (offsets: number[]) => {
    builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed()) builder.addOffset(offset);
    return builder.endVector();
  };
  const floats = (value: number) => {
    builder.startVector(4, 1, 4);
    builder.addFloat32(value);
    return builder.endVector();
  };

  const [means, stds] = [floats(mean), floats(std)];
  const normalization = table(2, () => {
    builder.addFieldOffset(0, means, 0); // NormalizationOptions.mean
    builder.addFieldOffset(1, stds, 0); // NormalizationOptions.std
  });
  const unit = table(2, () => {
    builder.addFieldInt8(0, 1, 0); // ProcessUnit.options_type: NormalizationOptions
    builder.addFieldOffset(1, normalization, 0); // ProcessUnit.options
  });
  const image = table(2, () => builder.addFieldInt8(0, 1, 0)); // ImageProperties.color_space: RGB
  const content = table(3, () => {
    builder.addFieldInt8(0, 2, 0); // Content.content_properties_type: ImageProperties
    builder.addFieldOffset(1, image, 0); // Content.content_properties
  });
  const units = vector([unit]);
  const input = table(7, () => {
    builder.addFieldOffset(3, content, 0); // TensorMetadata.content
    builder.addFieldOffset(4, units, 0); // TensorMetadata.process_units
  });
  const inputs = vector([input]);
  const outputTables = vector(Array.from({ length: outputs }, () => table(7, () => {})));
  const subgraph = table(8, () => {
    builder.addFieldOffset(2, inputs, 0); // SubGraphMetadata.input_tensor_metadata
    builder.addFieldOffset(3, outputTables, 0); // SubGraphMetadata.output_tensor_metadata
  });
  const subgraphs = vector([subgraph]);
  const root = table(8, () => builder.addFieldOffset(3, subgraphs, 0)); // ModelMetadata.subgraph_metadata
  builder.finish(root, 'M001');
  return builder.asUint8Array();
}

/** The bytes that go in front of the old file, laid out from front to back, so that every offset points forwards. */
class Prefix {
  readonly #view = new DataView(new ArrayBuffer(1 << 16));
  #length = 8;

  reserve(bytes: number): number {
    const at = this.align(4);
    this.#length += bytes;
    return at;
  }

  align(bytes: number): number {
    this.#length = Math.ceil(this.#length / bytes) * bytes;
    return this.#length;
  }

  setUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setText(at: number, text: string): void {
    new Uint8Array(this.#view.buffer).set(new TextEncoder().encode(text), at);
  }

  /** Where a field of a table lies; from then on the table has that field. */
  field(table: number, number: number): number {
    const vtable = table - this.#view.getInt32(table, true);
    this.#view.setUint16(vtable + 4 + 2 * number, 4 + 4 * number, true);
    return table + 4 + 4 * number;
  }

  /** Makes the offset at `from` point to `to`. */
  point(from: number, to: number): void {
    this.setUint32(from, to - from);
  }

  /** A vector of `length` offsets that `from` points to; returns where its first element lies. */
  vector(from: number, length: number): number {
    const at = this.reserve(4 + 4 * length);
    this.setUint32(at, length);
    this.point(from, at);
    return at + 4;
  }

  /** A table with room for as many four-byte fields, that `from` points to; returns where it lies. */
  table(from: number, fields: number): number {
    const vtable = this.reserve(4 + 2 * fields);
    const table = this.reserve(4 + 4 * fields);
    this.#view.setUint16(vtable, 4 + 2 * fields, true);
    this.#view.setUint16(vtable + 2, 4 + 4 * fields, true);
    this.#view.setInt32(table, table - vtable, true);
    this.point(from, table);
    return table;
  }

  text(from: number, text: string): void {
    const at = this.reserve(4 + text.length + 1);
    this.setUint32(at, text.length);
    this.setText(at + 4, text);
    this.point(from, at);
  }

  /** A byte vector whose contents start on a multiple of 16, as the schema demands of buffers. */
  bytes(from: number, bytes: Uint8Array): void {
    this.#length = Math.ceil((this.#length + 4) / 16) * 16 - 4;
    const at = this.reserve(4 + bytes.length);
    this.setUint32(at, bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, at + 4);
    this.point(from, at);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }
}
