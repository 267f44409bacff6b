// The entry facenet-web/convert.

export { FaceNetError } from '../../lib/core/errors.ts';
export type { TemplateName } from '../../lib/core/types.ts';
export type { ClassicalDescriptor, ModelDescriptor } from '../../lib/models/manifest.ts';
export {
  type ConvertedModel,
  type ConvertModelOptions,
  convertModel,
  type ModelTask,
  presetNames,
} from './convert-model.ts';
export { type ConvertedMtcnn, type ConvertMtcnnOptions, convertMtcnn } from './convert-mtcnn.ts';
export {
  type ConvertedOriginal,
  type ConvertOriginalOptions,
  convertOriginal,
  type OriginalFile,
} from './convert-original.ts';
