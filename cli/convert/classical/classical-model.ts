import type {
  ClassicalDetectorDescriptor,
  DetectionDescriptor,
  EmbeddingDescriptor,
  ForestDescriptor,
} from '../../../lib/models/manifest.ts';

type WithoutFiles<D> = D extends unknown ? Omit<D, 'files'> : never;

/** A model of the classical chain, converted for a models folder. */
export interface ClassicalModel {
  /** The option of `FaceNet.load` that selects it. */
  option: 'detector' | 'landmarker' | 'embedder';
  descriptor: WithoutFiles<ClassicalDetectorDescriptor | ForestDescriptor | DetectionDescriptor | EmbeddingDescriptor>;
  files: { path: string; bytes: Uint8Array<ArrayBuffer> }[];
}

/** What the descriptors of all these models state: the file is the user's own. */
export const ownFile = {
  licence:
    "that of your file: dlib's author puts his models in the public domain; OpenCV's cascades have licences of their own",
  trainingData:
    "that of your file: dlib's 68 points were trained on iBUG 300-W, which excludes commercial use; see the model's documentation",
};
