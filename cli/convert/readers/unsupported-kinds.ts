import { damaged, unsupportedFile } from '../errors.ts';
import { hasSignature } from './reader.ts';

/** A kind of file that is not read: how it begins, what it is, and what to do instead. */
interface Kind {
  signatures: readonly string[];
  /** Where the signature is. Default: 0. */
  offset?: number;
  kind: string;
  advice: string;
}

const kinds: readonly Kind[] = [
  {
    signatures: ['version https://git-lfs'],
    kind: 'a pointer of Git LFS',
    advice: 'fetch the model itself with git lfs pull',
  },
  { signatures: ['<!DOCTYPE', '<!doctype', '<html'], kind: 'a web page', advice: 'download the model again' },
  { signatures: ['<?xml'], kind: 'XML, such as a network of OpenVINO', advice: 'use the .onnx that it was made from' },
  { signatures: ['\x1f\x8b'], kind: 'a gzip archive', advice: 'unpack it first' },
  { signatures: ['Rar!', '7z\xbc\xaf'], kind: 'an archive', advice: 'unpack it first' },
  {
    signatures: ['ORTM'],
    offset: 4,
    kind: "ONNX Runtime's own format (.ort)",
    advice: 'use the .onnx that it was made from',
  },
  { signatures: ['7767517'], kind: 'a network of ncnn (.param)', advice: 'use the .onnx that it was made from' },
  { signatures: ['\x93NUMPY'], kind: 'an array of NumPy (.npy)', advice: 'export the network as .onnx' },
  { signatures: ['GGUF'], kind: 'a GGUF file', advice: 'export the network as .onnx' },
  {
    signatures: ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'],
    kind: 'a pickle of Python that torch.save did not write',
    advice: 'save the weights with torch.save(model.state_dict(), path)',
  },
];

/**
 * Refuses a file of a known kind that is not read.
 *
 * @throws {FaceNetError} `model-file-unsupported` with the kind; `model-file-damaged` for an empty file.
 */
export function refuseUnsupportedKind(path: string, bytes: Uint8Array): void {
  if (bytes.length === 0) throw damaged(`${path} is empty`);
  const found = kinds.find(({ signatures, offset }) => signatures.some((text) => hasSignature(bytes, text, offset)));
  if (found) throw unsupportedFile(`${path} is ${found.kind}, which is not read: ${found.advice}.`);
}
