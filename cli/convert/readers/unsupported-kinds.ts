import { latin1 } from '../bytes.ts';
import { damaged, unsupportedFile } from '../errors.ts';
import { hasSignature } from './reader.ts';

/** A kind of file that is not read: how it begins or how its name ends, what it is, and what to do instead. */
interface Kind {
  signatures?: readonly string[];
  /** The ending of the name, for a kind without a signature. */
  ending?: string;
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
    signatures: ['\x12\x01\0\0\0\0\0\0'],
    kind: 'a file of weights of MXNet (.params)',
    advice: 'export the network as .onnx',
  },
  { signatures: ['ptrt', 'ftrt'], kind: 'an engine of TensorRT', advice: 'use the .onnx that it was made from' },
  { ending: '.mnn', kind: 'a network of MNN', advice: 'use the .onnx that it was made from' },
  {
    ending: '.caffemodel',
    kind: 'a file of weights of Caffe',
    advice: 'only the res10 SSD of OpenCV is read, with its deploy.prototxt and without a preset',
  },
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
  if (bytes.length === 0) throw damaged(`${path} cannot be converted: it is empty`);
  const found = kinds.find(
    ({ signatures = [], offset, ending }) =>
      signatures.some((text) => hasSignature(bytes, text, offset)) || (ending && path.toLowerCase().endsWith(ending)),
  );
  if (found) throw unsupportedFile(`${path} is ${found.kind}, which is not read: ${found.advice}.`);
  if (isText(bytes)) throw unsupportedFile(`${path} is a text, which is not read: use the file of the network itself.`);
}

/** Whether a file begins with printable characters only. A GraphDef begins with a line feed and a length. */
function isText(bytes: Uint8Array): boolean {
  return /^[\t\r\n\x20-\x7e\x80-\xff]+$/.test(latin1(bytes.subarray(0, 512)));
}
