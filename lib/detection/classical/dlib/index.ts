export { dlibHogDetector } from './dlib-hog.ts';
export { unpackHogModel } from './hog-model-file.ts';
