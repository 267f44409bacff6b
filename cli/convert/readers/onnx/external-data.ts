import { damaged, unsupportedFile } from '../../errors.ts';
import { type ReadBeside, requireBeside } from '../path-beside.ts';
import type { OnnxFile, OnnxTensor } from './onnx-file.ts';

/** The files that hold values of tensors, by the paths in the model. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Reads the files beside the model that hold values of its tensors, each once.
 *
 * @param model the name of the model's file.
 * @throws {FaceNetError} `model-file-unsupported` for a path outside the model's folder, and if files beside it cannot be read;
 *   `model-file-damaged` for a tensor that names no file.
 */
export async function readExternalFiles(
  { initializers, nodes }: Pick<OnnxFile, 'initializers' | 'nodes'>,
  model: string,
  readBeside: ReadBeside | undefined,
): Promise<ExternalFiles> {
  const files = new Map<string, Uint8Array>();
  const constants = nodes.flatMap(({ attributes }) => [...attributes.values()].flatMap(({ t }) => t ?? []));
  for (const tensor of [...initializers, ...constants]) {
    if (!tensor.isExternal) continue;
    const location = locationOf(tensor);
    if (files.has(location)) continue;
    requireBeside(model, location);
    if (!readBeside) {
      throw unsupportedFile(`The weights of the .onnx file are in the file "${location}": give that file too.`);
    }
    files.set(location, await readBeside(location));
  }
  return files;
}

/**
 * The bytes of a tensor in its file.
 *
 * @param length the number of bytes that its shape and type need.
 * @throws {FaceNetError} `model-file-damaged` when they are not within the file.
 */
export function externalBytes(tensor: OnnxTensor, length: number, files: ExternalFiles): Uint8Array {
  const location = locationOf(tensor);
  const offset = numberOf(tensor, 'offset') ?? 0;
  const declared = numberOf(tensor, 'length') ?? length;
  const file = files.get(location);
  if (file && declared === length && offset + length <= file.length) return file.subarray(offset, offset + length);
  throw damaged(
    `The tensor "${tensor.name}" needs ${length} bytes at the offset ${offset} and states ${declared}, but its file "${location}" has ${file?.length ?? 0}`,
  );
}

function locationOf({ name, external }: OnnxTensor): string {
  const location = external.get('location');
  if (location !== undefined) return location.replace(/^(\.\/)+/, '');
  throw damaged(`The tensor "${name}" names no file of its values`);
}

/** An entry that is a number: onnx.proto3 has it in decimal digits. */
function numberOf({ name, external }: OnnxTensor, key: 'offset' | 'length'): number | undefined {
  const text = external.get(key);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw damaged(`The tensor "${name}" has the impossible ${key} ${JSON.stringify(text.slice(0, 40))}`);
}
