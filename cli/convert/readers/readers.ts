import { graphOfStateDict } from '../state-dicts/graph-of-state-dict.ts';
import { graphOfWeights } from './graph-of-weights.ts';
import { isSafetensors } from './is-safetensors.ts';
import { isOnnx } from './onnx/is-onnx.ts';
import { isLegacyTorchFile } from './pytorch/is-legacy-torch-file.ts';
import { hasSignature, type ModelReader } from './reader.ts';
import { isJson, readTfjsModel } from './tfjs-model.ts';
import { convertTflite } from './tflite/convert-tflite.ts';

/**
 * The supported formats. To add one, write a reader in a file of its own and list it here. Readers with large dependencies import
 * them lazily. The frozen graph comes last because Protocol Buffers have no signature.
 */
export const readers: readonly ModelReader[] = [
  {
    format: 'TensorFlow Lite',
    recognises: (bytes) => hasSignature(bytes, 'TFL3', 4),
    read: async ({ bytes, inputSize, replacesSize }) => convertTflite(bytes, { inputSize, replacesSize }),
  },
  {
    format: 'Keras weights',
    recognises: (bytes) => hasSignature(bytes, '\x89HDF\r\n\x1a\n'),
    async read(file) {
      const { readKerasWeights } = await import('./keras-weights.ts');
      return graphOfWeights(file, readKerasWeights);
    },
  },
  {
    format: 'ONNX',
    recognises: isOnnx,
    async read(file) {
      const { convertOnnx } = await import('./onnx/convert-onnx.ts');
      return convertOnnx(file.bytes, file);
    },
  },
  {
    format: 'PyTorch',
    recognises: (bytes) => hasSignature(bytes, 'PK\x03\x04') || isLegacyTorchFile(bytes),
    async read({ bytes, inputSize }) {
      const { readTorchFile } = await import('./pytorch/torch-file.ts');
      return graphOfStateDict(readTorchFile(bytes), inputSize);
    },
  },
  {
    format: 'safetensors',
    recognises: isSafetensors,
    async read({ bytes, inputSize }) {
      const { readSafetensors } = await import('./safetensors.ts');
      return graphOfStateDict(readSafetensors(bytes), inputSize);
    },
  },
  { format: 'TensorFlow.js graph model', recognises: isJson, read: readTfjsModel },
  {
    format: 'TensorFlow frozen graph',
    recognises: () => true,
    async read(file) {
      const { readFrozenGraph } = await import('./frozen-graph.ts');
      return graphOfWeights(file, readFrozenGraph);
    },
  },
];
