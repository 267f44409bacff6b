/** The models of the package by task. A test compares them with the manifest. */
export const shippedModels = {
  preset: ['balanced', 'fast', 'accurate', 'library'],
  detector: [
    'blazeface-full',
    'blazeface-short',
    'mediapipe-blazeface-full',
    'mediapipe-blazeface-short',
    'ssd-mobilenet-v1',
    'tiny-yolo-v2',
    'mtcnn',
  ],
  landmarker: ['facemesh-468', 'face-api-68'],
  embedder: ['dlib-resnet-34', 'mobilefacenet', 'mobilefacenet-dlib'],
} as const;

/** Any other name: of a model of your own. An editor completes the names of the package nevertheless. */
type OtherName = string & Record<never, never>;

/** The name of a preset. */
export type PresetName = (typeof shippedModels)['preset'][number] | OtherName;
/** The name of a detector. */
export type DetectorName = (typeof shippedModels)['detector'][number] | 'viola-jones' | 'hog-svm' | OtherName;
/** The name of a landmarker, or `detector` for the landmarks that the detector finds. */
export type LandmarkerName = (typeof shippedModels)['landmarker'][number] | 'detector' | OtherName;
/** The name of an embedder. */
export type EmbedderName = (typeof shippedModels)['embedder'][number] | OtherName;

/** The networks that later stages and facenet-web/liveness need, which have no option. */
const otherNetworks = ['mtcnn-rnet', 'mtcnn-onet', 'antispoof', 'livenessnet'];

/**
 * The command that copies a model or preset of the package to a models folder; undefined for a name that is not in the package.
 */
export function copyCommand(name: string): string | undefined {
  const { preset, ...models } = shippedModels;
  if ((preset as readonly string[]).includes(name)) return `npx facenet-web copy-models public/models --preset ${name}`;
  const networks: readonly string[] = [...Object.values(models).flat(), ...otherNetworks];
  return networks.includes(name) ? `npx facenet-web copy-models public/models --model ${name}` : undefined;
}
