import type { Architecture } from '../../../lib/training/networks/description.ts';
import { latin1 } from '../bytes.ts';
import type { GraphModel } from '../graph/graph-model.ts';
import type { InputSize, RequestedSize } from './image-size.ts';
import type { ReadBeside } from './path-beside.ts';

/** A model file to convert. */
export interface ModelFile extends RequestedSize {
  /** The path, for messages and for files beside it. */
  path: string;
  bytes: Uint8Array;
  /** The network that weights without a network belong to. */
  architecture: Architecture | undefined;
  /** The size of the input image if neither the file nor `inputSize` states it. */
  defaultSize?: InputSize | undefined;
  /** Reads a file beside this one, by a path relative to its folder. */
  readBeside?: ReadBeside | undefined;
}

/** Reads one file format. */
export interface ModelReader {
  /** The format's name, for messages and for the provenance in the manifest. */
  format: string;
  /** Whether a file has the format's signature. */
  recognises(bytes: Uint8Array): boolean;
  /**
   * Converts a file to a graph model.
   *
   * @throws {Error} for a file that is damaged or cannot be converted.
   */
  read(file: ModelFile): Promise<GraphModel>;
}

/** Whether bytes contain an ASCII or Latin-1 signature at an offset. */
export function hasSignature(bytes: Uint8Array, signature: string, offset = 0): boolean {
  return latin1(bytes.subarray(offset, offset + signature.length)) === signature;
}
