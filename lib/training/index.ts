/** facenet-web/training: learning in the page. Loaded only when it is imported. */
export type { HogSvmModel } from '../detection/hog-svm.ts';
export { type HogSvmOptions, type TrainingPicture, trainHogSvm } from './hog-svm.ts';
export { type Example, type Plane, type SvmOptions, trainLinearSvm } from './linear-svm.ts';
