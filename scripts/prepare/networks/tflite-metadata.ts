import { Builder } from 'flatbuffers';
import { Table } from '../../../cli/convert/readers/tflite/flatbuffer-table.ts';
import { FlatbufferPrefix } from './flatbuffer-prefix.ts';

/** Fields of the table Model, by number. (tensorflow/compiler/mlir/lite/schema/schema.fbs) */
const model = { version: 0, buffers: 4, metadata: 6 } as const;
const modelFieldCount = 8;

/**
 * Adds the metadata that MediaPipe's tasks-vision requires: one RGB image input with a mean and a standard deviation, and the
 * outputs.
 *
 * Puts a new Model table before the original file, which stays unchanged. This works because offsets in a FlatBuffer point forwards.
 *
 * @param outputs the number of outputs.
 */
export function addMetadata(
  tflite: Uint8Array,
  normalization: { mean: number; std: number },
  outputs: number,
): Uint8Array {
  const old = Table.root(tflite);
  const metadata = modelMetadata(normalization, outputs);
  const file = new FlatbufferPrefix();

  const table = file.table(0, modelFieldCount);
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
  for (let field = 0; field < modelFieldCount; field++) {
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

/** The table ModelMetadata. (tflite-support, metadata_schema.fbs. Comments name its fields.) */
function modelMetadata(normalization: { mean: number; std: number }, outputs: number): Uint8Array {
  const builder = new Builder(512);
  const inputs = offsetVector(builder, [inputMetadata(builder, normalization)]);
  const outputTables = Array.from({ length: outputs }, () => table(builder, 7, () => {}));
  const outputMetadata = offsetVector(builder, outputTables);
  const subgraph = table(builder, 8, () => {
    builder.addFieldOffset(2, inputs, 0); // SubGraphMetadata.input_tensor_metadata
    builder.addFieldOffset(3, outputMetadata, 0); // SubGraphMetadata.output_tensor_metadata
  });
  const subgraphs = offsetVector(builder, [subgraph]);
  const root = table(builder, 8, () => builder.addFieldOffset(3, subgraphs, 0)); // ModelMetadata.subgraph_metadata
  builder.finish(root, 'M001');
  return builder.asUint8Array();
}

/** The table TensorMetadata of an RGB image. */
function inputMetadata(builder: Builder, { mean, std }: { mean: number; std: number }): number {
  const [means, stds] = [floatVector(builder, mean), floatVector(builder, std)];
  const normalization = table(builder, 2, () => {
    builder.addFieldOffset(0, means, 0); // NormalizationOptions.mean
    builder.addFieldOffset(1, stds, 0); // NormalizationOptions.std
  });
  const unit = table(builder, 2, () => {
    builder.addFieldInt8(0, 1, 0); // ProcessUnit.options_type: NormalizationOptions
    builder.addFieldOffset(1, normalization, 0); // ProcessUnit.options
  });
  const image = table(builder, 2, () => builder.addFieldInt8(0, 1, 0)); // ImageProperties.color_space: RGB
  const content = table(builder, 3, () => {
    builder.addFieldInt8(0, 2, 0); // Content.content_properties_type: ImageProperties
    builder.addFieldOffset(1, image, 0); // Content.content_properties
  });
  const units = offsetVector(builder, [unit]);
  return table(builder, 7, () => {
    builder.addFieldOffset(3, content, 0); // TensorMetadata.content
    builder.addFieldOffset(4, units, 0); // TensorMetadata.process_units
  });
}

function table(builder: Builder, fields: number, fill: () => void): number {
  builder.startObject(fields);
  fill();
  return builder.endObject();
}

function offsetVector(builder: Builder, offsets: number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function floatVector(builder: Builder, value: number): number {
  builder.startVector(4, 1, 4);
  builder.addFloat32(value);
  return builder.endVector();
}
