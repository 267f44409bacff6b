import { type Face, FaceNet, type LandmarkedFace } from 'facenet-web';
import type { ConvertedOriginal } from 'facenet-web/convert';
import { encodingOfFace } from 'facenet-web/gallery';

/** A model of dlib or OpenCV that was read from the user's files. */
export type OriginalModel = Pick<ConvertedOriginal, 'option' | 'models'> & { name: string };

/** The call in Python of a step, and that of facenet-web. */
export interface Calls {
  python: string;
  here: string;
}

/** A step of the chain that was run, with its calls. */
export type Step = { name: string; calls: Calls | undefined } & (
  | { type: 'boxes'; faces: Face[] }
  | { type: 'points'; faces: LandmarkedFace[] }
  | { type: 'crop'; pixels: ImageData }
  | { type: 'encoding'; values: Float32Array; distance: number | undefined }
  | { type: 'failed'; error: unknown }
);

/** The smallest face, in pixels: dlib's detectors double the picture once for it, as face_recognition does. */
const minSize = 40;

/** The faces of a photo that are processed after the detection. */
const maxFaces = 2;

/** The calls of the stages, by the names that the converter gives them. */
const calls: Record<string, Calls> = {
  'viola-jones': { python: 'cv2.CascadeClassifier(xml).detectMultiScale(grey)', here: 'detect(photo)' },
  'opencv-dnn-ssd': { python: 'cv2.dnn.readNetFromCaffe(prototxt, caffemodel)', here: 'detect(photo)' },
  'dlib-hog': { python: 'dlib.get_frontal_face_detector()(image, 1)', here: 'detect(photo, { minSize: 40 })' },
  'dlib-mmod': { python: 'dlib.cnn_face_detection_model_v1(dat)(image, 1)', here: 'detect(photo, { minSize: 40 })' },
  'dlib-5': { python: 'dlib.shape_predictor(dat)(image, box)', here: 'landmarks(photo, face)' },
  'dlib-68': { python: 'dlib.shape_predictor(dat)(image, box)', here: 'landmarks(photo, face)' },
  'face-aligner': {
    python: 'FaceAligner(predictor).align(image, grey, box)',
    here: "align(photo, face, { template: 'face-aligner', size: 256 })",
  },
  'dlib-chip': {
    python: 'dlib.get_face_chip(image, shape, 150, 0.25)',
    here: "align(photo, face, { template: 'dlib-chip', size: 150 })",
  },
  'dlib-resnet': { python: 'face_recognition.face_encodings(image)', here: 'encodingOfFace(await embed(photo, face))' },
};

/** The size of each crop. */
const crops = [
  ['face-aligner', 256],
  ['dlib-chip', 150],
] as const;

/**
 * Reads model files. The two files of a network of Caffe belong together; each other file is a model.
 *
 * @returns each model that was read, or a file's name and why it was not.
 */
export async function* readModels(
  files: readonly File[],
): AsyncGenerator<{ model: OriginalModel } | { file: string; error: unknown }> {
  const { convertOriginal } = await import('facenet-web/convert');
  const isCaffe = ({ name }: File) => /\.(prototxt|caffemodel)$/.test(name);
  const caffe = files.filter(isCaffe);
  const groups = [
    ...files.filter((file) => !isCaffe(file)).map((file) => [file]),
    ...(caffe.length > 0 ? [caffe] : []),
  ];
  for (const group of groups) {
    try {
      const { option, descriptor, models } = await convertOriginal(
        await Promise.all(
          group.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
        ),
      );
      yield { model: { name: descriptor.name, option, models } };
    } catch (error) {
      yield { file: group.map(({ name }) => name).join(', '), error };
    }
  }
}

/**
 * Runs every step of the chain on a photo: all detectors, then for the strongest faces of the first detector that finds any the points,
 * the crops and, if there is an embedder, the encodings.
 *
 * @throws `signal.reason` when aborted.
 */
export async function* runChain(
  photo: Blob,
  originals: readonly OriginalModel[],
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const models = [...originals.map((original) => original.models), 'models/'];
  const named = (option: OriginalModel['option']) => originals.filter((model) => model.option === option);
  let faces: Face[] = [];
  const detectors = named('detector').map(({ name }) => name);
  for (const name of detectors.length > 0 ? detectors : ['blazeface-full']) {
    try {
      await using facenet = await FaceNet.load({ models, detector: name, signal });
      const found = await facenet.detect(photo, { minSize, signal });
      if (faces.length === 0) faces = found.slice(0, maxFaces);
      yield { type: 'boxes', name, calls: calls[name], faces: found };
    } catch (error) {
      signal.throwIfAborted();
      yield { type: 'failed', name, calls: calls[name], error };
    }
  }
  const embedder = named('embedder')[0]?.name;
  for (const { name } of faces.length > 0 ? named('landmarker') : []) {
    yield* furtherSteps(photo, { models, landmarker: name, ...(embedder && { embedder }) }, faces, signal);
  }
}

/** The steps after the detection, with one landmarker. */
async function* furtherSteps(
  photo: Blob,
  options: { models: (OriginalModel['models'] | string)[]; landmarker: string; embedder?: string },
  faces: readonly Face[],
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const { landmarker, embedder } = options;
  try {
    await using facenet = await FaceNet.load({ ...options, signal });
    const landmarked = await facenet.landmarks(photo, faces, { signal });
    yield { type: 'points', name: landmarker, calls: calls[landmarker], faces: landmarked };
    for (const [template, size] of crops) {
      const pixels = await facenet.align(photo, landmarked[0] as LandmarkedFace, { template, size, signal });
      yield { type: 'crop', name: template, calls: calls[template], pixels };
    }
    if (!embedder) return;
    const [first, second] = (await facenet.embed(photo, landmarked, { signal })).map(encodingOfFace);
    const distance = second && Math.hypot(...second.map((value, i) => value - (first?.[i] as number)));
    yield { type: 'encoding', name: embedder, calls: calls[embedder], values: first as Float32Array, distance };
  } catch (error) {
    signal.throwIfAborted();
    yield { type: 'failed', name: landmarker, calls: calls[landmarker], error };
  }
}
