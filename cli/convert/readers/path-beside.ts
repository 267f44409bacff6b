import { pathBelow } from '../../../lib/models/manifest-path.ts';
import { unsupportedFile } from '../errors.ts';

/** Reads a file beside the model, or rejects. */
export type ReadBeside = (path: string) => Promise<Uint8Array>;

/**
 * Checks a path that a model names.
 *
 * @param model the name of the model's file, for messages.
 * @throws {FaceNetError} `model-file-unsupported` for an absolute path, one with `..`, and one of a hidden file.
 */
export function requireBeside(model: string, path: unknown): asserts path is string {
  if (typeof path === 'string' && pathBelow.test(path)) return;
  const name = model.split('/').at(-1);
  throw unsupportedFile(
    `${model} names the weight file ${JSON.stringify(path)}: its files must lie beside ${name} or in folders there, and have names of letters, digits, ".", "_" and "-".`,
  );
}
