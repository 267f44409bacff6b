import type { FaceNetError } from '../../../../lib/core/errors.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import { bytesOf, readMessage } from '../protobuf.ts';

/** ModelProto.graph. (onnx.proto3) */
const graphField = 7;

/** The first number of the fields of Model that hold a network. Those below describe it. (coremltools, Model.proto) */
const firstCoreMlNetwork = 200;

/**
 * The error for bytes that begin like an .onnx file and cannot be read as one. SavedModel and Core ML are messages of Protocol Buffers
 * with the same beginning, a version.
 *
 * @param reason what is wrong with it as an .onnx file.
 * @param cause the error of the reader.
 */
export function notOnnx(bytes: Uint8Array, reason: string, cause?: unknown): FaceNetError {
  const options = { cause };
  const fields = fieldsOf(bytes);
  if (fields.has(graphField)) return damaged(`The .onnx file ${reason}`, options);
  if ([...fields].some((field) => field >= firstCoreMlNetwork)) {
    return unsupportedFile(
      'The file is a network of Core ML (.mlmodel), which is not read: export the network as .onnx.',
      options,
    );
  }
  // saved_model_schema_version and meta_graphs.
  if (fields.size === 2 && fields.has(1) && fields.has(2)) {
    return unsupportedFile(
      'The file is a SavedModel of TensorFlow (saved_model.pb), which is not read: convert it to .onnx, or to a model.json with tensorflowjs_converter --output_format tfjs_graph_model.',
      options,
    );
  }
  return damaged('The file is not an .onnx file, or is damaged', options);
}

/** The numbers of the fields of a message, as far as it can be read. */
function fieldsOf(bytes: Uint8Array): Set<number> {
  const fields = new Set<number>();
  try {
    readMessage(bytes, (field, reader) => {
      fields.add(field);
      // Skips the value within the message, which the reader does not check.
      if (reader.type === 2) bytesOf(reader);
    });
  } catch {
    // Invalid lengths end the list.
  }
  return fields;
}
