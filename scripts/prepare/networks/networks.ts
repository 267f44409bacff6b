import type { GraphModel } from '../../../cli/convert/graph/graph-builder.ts';
import { convertTflite } from '../../../cli/convert/readers/tflite/convert-tflite.ts';
import type {
  BlazeFaceGrids,
  DetectionDescriptor,
  EmbeddingDescriptor,
  LandmarksDescriptor,
  LivenessDescriptor,
  ModelDescriptor,
  Preprocessing,
} from '../../../lib/models/manifest.ts';
import { buildDlibResnet, buildLandmarks68 } from './dlib-resnet.ts';
import { buildSsd, buildTinyYolo } from './ssd-mobilenet.ts';
import { packageFile, packageFolder, source } from '../sources/npm-packages.ts';
import { addMetadata } from './tflite-metadata.ts';

type Undelivered<T> = T extends ModelDescriptor ? Omit<T, 'files'> : never;

/** A network that is ready to be written: its descriptor, and its files below the folder of its name. */
export interface Network {
  descriptor: Undelivered<ModelDescriptor>;
  files: { path: string; bytes: Uint8Array }[];
}

const faceApi = '@vladmandic/face-api';
const human = '@vladmandic/human';
const mediaPipe = '@mediapipe/face_detection';

/** Every network that facenet-web ships. The first of a task is the default. */
export function networks(): Network[] {
  return [...blazeFaces(), ssd(), tinyYolo(), mesh(), landmarks68(), dlibResnet(), antispoof(), livenessNet()];
}

/** BlazeFace, of which each range comes in two forms: for MediaPipe, and for TensorFlow.js. */
function blazeFaces(): Network[] {
  const ranges: { range: string; file: string; size: number; grids: BlazeFaceGrids }[] = [
    {
      range: 'full',
      file: 'face_detection_full_range_sparse.tflite',
      size: 192,
      grids: [{ stride: 4, perCell: 1 }],
    },
    {
      range: 'short',
      file: 'face_detection_short_range.tflite',
      size: 128,
      grids: [
        { stride: 8, perCell: 2 },
        { stride: 16, perCell: 6 },
      ],
    },
  ];
  return (['tfjs', 'mediapipe'] as const).flatMap((engine) =>
    ranges.map(({ range, file, size, grids }): Network => {
      const tflite = packageFile(mediaPipe, file);
      const inMediaPipe = engine === 'mediapipe';
      const conversion = inMediaPipe
        ? 'TFLITE_METADATA added (mean and std 127.5); the network is as published'
        : 'converted to a graph model: the same operations, weights as float16';
      const candidates = grids.reduce((sum, { stride, perCell }) => sum + (size / stride) ** 2 * perCell, 0);
      return {
        descriptor: {
          name: inMediaPipe ? `mediapipe-blazeface-${range}` : `blazeface-${range}`,
          task: 'detection',
          engine,
          input: { name: 'image', shape: [-1, size, size, 3] },
          outputs: [
            { name: 'regressors', shape: [-1, candidates, 16] },
            { name: 'classificators', shape: [-1, candidates, 1] },
          ],
          preprocessing: symmetric(size),
          head: { type: 'blazeface', grids },
          ...(inMediaPipe && { fallback: `blazeface-${range}` }),
          closeUp: 'blazeface-short',
          licence: 'Apache-2.0',
          trainingData: 'Google-internal; see the MediaPipe BlazeFace model cards',
          source: source(mediaPipe, [file], conversion),
        } satisfies Undelivered<DetectionDescriptor>,
        files: inMediaPipe
          ? [{ path: `blazeface-${range}.tflite`, bytes: addMetadata(tflite, { mean: 127.5, std: 127.5 }, 2) }]
          : graphFiles(convertTflite(tflite)),
      };
    }),
  );
}

function ssd(): Network {
  const candidates = 5118;
  return {
    descriptor: {
      name: 'ssd-mobilenet-v1',
      task: 'detection',
      engine: 'tfjs',
      input: { name: 'image', shape: [-1, 512, 512, 3] },
      outputs: [
        { name: 'centres', shape: [-1, candidates, 2] },
        { name: 'sizes', shape: [-1, candidates, 2] },
        { name: 'logits', shape: [-1, candidates, 3] },
      ],
      preprocessing: symmetric(512),
      // The box's extent: the median over the sample photos, beside BlazeFace's boxes of the same faces.
      head: { type: 'ssd', box: { scale: 0.87, shift: 0.08 } },
      licence: 'MIT',
      trainingData: 'WIDER FACE, by yeephycho (tensorflow-face-detection), as face-api.js states',
      source: source(
        faceApi,
        faceApiFiles('ssd_mobilenetv1'),
        'rebuilt as a graph model; pointwise filters stay uint8',
      ),
    } satisfies Undelivered<DetectionDescriptor>,
    files: graphFiles(buildSsd(`${packageFolder(faceApi)}/model`)),
  };
}

function tinyYolo(): Network {
  return {
    descriptor: {
      name: 'tiny-yolo-v2',
      task: 'detection',
      engine: 'tfjs',
      input: { name: 'image', shape: [-1, 416, 416, 3] },
      outputs: [{ name: 'grid', shape: [-1, 13, 13, 25] }],
      preprocessing: {
        width: 416,
        height: 416,
        channels: 'rgb',
        mean: [117.001, 114.697, 97.404],
        std: [255, 255, 255],
      },
      head: {
        type: 'yolo',
        // tinyFaceDetector/const.ts
        anchors: [
          [1.603231, 2.094468],
          [6.041143, 7.080126],
          [2.882459, 3.518061],
          [4.266906, 5.178857],
          [9.041765, 10.66308],
        ],
        // As above.
        box: { scale: 0.8, shift: -0.06 },
      },
      licence: 'MIT',
      trainingData: 'about 14,000 images, labelled by the author of face-api.js; not published',
      source: source(faceApi, faceApiFiles('tiny_face_detector'), 'rebuilt as a graph model; weights stay uint8'),
    } satisfies Undelivered<DetectionDescriptor>,
    files: graphFiles(buildTinyYolo(`${packageFolder(faceApi)}/model`)),
  };
}

/** MediaPipe's face mesh, which Human carries as a graph model already. */
function mesh(): Network {
  return {
    descriptor: {
      name: 'facemesh-468',
      task: 'landmarks',
      engine: 'tfjs',
      scheme: 'mesh-468',
      valuesPerPoint: 3,
      unit: 'pixel',
      crop: { scale: 1.5, shift: 0 },
      input: { name: 'input_1', shape: [-1, 192, 192, 3] },
      outputs: [
        { name: 'Identity_2', shape: [-1, 1404] },
        { name: 'Identity_1', shape: [-1, 1] },
      ],
      preprocessing: { width: 192, height: 192, channels: 'rgb', mean: [0, 0, 0], std: [255, 255, 255] },
      licence: 'Apache-2.0',
      trainingData: 'Google-internal; see the MediaPipe Face Mesh model card',
      ...fromHuman('facemesh'),
    } satisfies Undelivered<LandmarksDescriptor>,
    files: humanFiles('facemesh'),
  };
}

function landmarks68(): Network {
  return {
    descriptor: {
      name: 'face-api-68',
      task: 'landmarks',
      engine: 'tfjs',
      scheme: 'ibug-68',
      valuesPerPoint: 2,
      unit: 'crop',
      crop: { scale: 1.2, shift: 0.05 },
      input: { name: 'image', shape: [-1, 112, 112, 3] },
      outputs: [{ name: 'points', shape: [-1, 136] }],
      preprocessing: {
        width: 112,
        height: 112,
        channels: 'rgb',
        mean: [122.782, 117.001, 104.298],
        std: [255, 255, 255],
      },
      licence: 'MIT',
      trainingData: 'about 35,000 face images, labelled with 68 points by the author of face-api.js; not published',
      source: source(faceApi, faceApiFiles('face_landmark_68'), 'rebuilt as a graph model; weights stay uint8'),
    } satisfies Undelivered<LandmarksDescriptor>,
    files: graphFiles(buildLandmarks68(`${packageFolder(faceApi)}/model`)),
  };
}

function dlibResnet(): Network {
  return {
    descriptor: {
      name: 'dlib-resnet-34',
      task: 'embedding',
      engine: 'tfjs',
      dimension: 128,
      metric: 'euclidean',
      template: 'dlib',
      input: { name: 'image', shape: [-1, 150, 150, 3] },
      outputs: [{ name: 'embedding', shape: [-1, 128] }],
      // As trained: dlib divides by 256 (input_rgb_image_sized), face-api by 255.
      preprocessing: {
        width: 150,
        height: 150,
        channels: 'rgb',
        mean: [122.782, 117.001, 104.298],
        std: [256, 256, 256],
      },
      licence: "public domain by its author's word (dlib, dlib_face_recognition_resnet_model_v1); the package is MIT",
      trainingData: 'about 3 million images of 7,485 people: FaceScrub, VGG Face, and images scraped from the internet',
      source: source(
        faceApi,
        faceApiFiles('face_recognition'),
        'rebuilt as a graph model; filters stay uint8, scale layers stay apart as one float per channel',
      ),
    } satisfies Undelivered<EmbeddingDescriptor>,
    files: graphFiles(buildDlibResnet(`${packageFolder(faceApi)}/model`)),
  };
}

/** What the two liveness networks have in common: Human's own preprocessing (src/face/facemeshutil.ts, src/face/blazeface.ts). */
const asHumanCrops = (size: number) => ({
  // cutAndResize() divides by 255, and enlarges the detector's box by config.face.detector.scale, 1.4, without turning it.
  preprocessing: {
    width: size,
    height: size,
    channels: 'rgb' as const,
    mean: [0, 0, 0] as [number, number, number],
    std: [255, 255, 255] as [number, number, number],
  },
  crop: { scale: 1.4 },
});

/** Human's anti-spoofing network (src/face/antispoof.ts). */
function antispoof(): Network {
  return {
    descriptor: {
      name: 'antispoof',
      task: 'liveness',
      engine: 'tfjs',
      input: { name: 'conv2d_input', shape: [-1, 128, 128, 3] },
      outputs: [{ name: 'Identity', shape: [-1, 1] }],
      ...asHumanCrops(128),
      score: 0,
      licence:
        'MIT, as the package that carries it; its file names kaggle.com/anku420/fake-face-detection as its origin',
      trainingData:
        'Real and Fake Face Detection (ciplab, Yonsei University), as its author states (vladmandic/human#128): photos and photomontages of them, not pictures held before a camera',
      ...fromHuman('antispoof'),
    } satisfies Undelivered<LivenessDescriptor>,
    files: humanFiles('antispoof'),
  };
}

/** Human's liveness network (src/face/liveness.ts), which takes the first of its two outputs for that of live faces. */
function livenessNet(): Network {
  return {
    descriptor: {
      name: 'livenessnet',
      task: 'liveness',
      engine: 'tfjs',
      input: { name: 'conv2d_1_input', shape: [-1, 32, 32, 3] },
      outputs: [{ name: 'Identity', shape: [-1, 2] }],
      ...asHumanCrops(32),
      score: 0,
      licence: 'MIT, as the package that carries it; its file names github.com/leokwu/livenessnet as its origin',
      trainingData: 'not published',
      ...fromHuman('liveness'),
    } satisfies Undelivered<LivenessDescriptor>,
    files: humanFiles('liveness'),
  };
}

/** Where a graph model that Human carries came from. */
function fromHuman(stem: string): Pick<ModelDescriptor, 'source'> {
  return { source: source(human, [`models/${stem}.json`, `models/${stem}.bin`], 'weight file renamed') };
}

function humanFiles(stem: string): Network['files'] {
  const json = JSON.parse(packageFile(human, `models/${stem}.json`).toString());
  json.weightsManifest[0].paths = ['weights.bin'];
  return graphFiles({ json, weights: packageFile(human, `models/${stem}.bin`) });
}

function symmetric(size: number): Preprocessing {
  return { width: size, height: size, channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
}

function faceApiFiles(stem: string): string[] {
  return [`model/${stem}_model-weights_manifest.json`, `model/${stem}_model.bin`];
}

function graphFiles({ json, weights }: GraphModel): Network['files'] {
  return [
    { path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: weights },
  ];
}
