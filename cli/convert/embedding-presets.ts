import type { EmbeddingDescriptor, Preprocessing } from '../../lib/models/manifest.ts';
import { inceptionResNetV1, inceptionResNetV1Of } from '../../lib/training/networks/architectures/inception-resnet.ts';
import type { Architecture } from '../../lib/training/networks/description.ts';

/** The preprocessing, alignment and metric of a family of published networks, and their licence and training data. */
export interface EmbeddingPreset
  extends Pick<EmbeddingDescriptor, 'preprocessing' | 'template' | 'metric' | 'licence' | 'trainingData'> {
  /** The published code or text that states the preprocessing. */
  source: string;
  /** The output that is the embedding, for files with several outputs. */
  output?: string;
  /** The network, for TensorFlow and Keras files that hold weights only. */
  architecture?: Architecture;
}

const square = (size: number, channels: Preprocessing['channels'], mean: number, std: number): Preprocessing => ({
  width: size,
  height: size,
  channels,
  mean: [mean, mean, mean],
  std: [std, std, std],
});

/** What networks that were trained on ArcFace's crops of 112×112 share. */
const arcFaceCrop = { template: 'arcface', metric: 'cosine' } as const;

/** What the conversions of deepface share: its default `normalization="base"`, which is BGR from 0 to 1. */
const deepface = {
  preprocessing: square(160, 'bgr', 0, 255),
  ...arcFaceCrop,
  licence: 'MIT (deepface, converted from davidsandberg/facenet); see the terms of the training data',
  source: 'serengil/deepface, modules/representation.py and issue 1252, which names the facenet releases',
};

/**
 * What the networks of David Sandberg and their ports share. They were trained on crops of MTCNN boxes, which `--template facenet`
 * gives with the detector "mtcnn". ArcFace's template is the nearest that works with every landmarker.
 */
const facenet = {
  preprocessing: square(160, 'rgb', 127.5, 128),
  template: 'arcface',
  metric: 'euclidean',
} as const;

/** The families of embedders whose preprocessing is known, by the value of `facenet-web add-model --preset`. */
export const embeddingPresets: Record<string, EmbeddingPreset> = {
  'facenet-2018': {
    ...facenet,
    licence: 'MIT (davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (20180402-114759) or CASIA-WebFace (20180408-102900)',
    source: 'davidsandberg/facenet, src/facenet.py, fixed_image_standardization',
    architecture: inceptionResNetV1,
  },
  'facenet-pytorch': {
    ...facenet,
    licence: 'MIT (timesler/facenet-pytorch, ported from davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (20180402-114759) or CASIA-WebFace (20180408-102900)',
    source: 'timesler/facenet-pytorch, models/mtcnn.py, fixed_image_standardization',
  },
  'deepface-facenet': {
    ...deepface,
    trainingData: 'MS-Celeb-1M, withdrawn by its publisher (davidsandberg/facenet 20170512-110547)',
    architecture: inceptionResNetV1Of(128),
  },
  'deepface-facenet512': {
    ...deepface,
    trainingData: 'VGGFace2 (davidsandberg/facenet 20180402-114759)',
    architecture: inceptionResNetV1,
  },
  // w600k_r50, w600k_mbf, glint360k and the trainings of arcface_torch.
  'insightface-arcface': {
    preprocessing: square(112, 'rgb', 127.5, 127.5),
    ...arcFaceCrop,
    licence: 'InsightFace: non-commercial research only',
    trainingData: 'WebFace600K (w600k), Glint360K, MS1MV2 or MS1MV3, as stated by its publisher',
    source: 'deepinsight/insightface, python-package/insightface/model_zoo/arcface_onnx.py',
  },
  // Plain RGB, 0 to 255.
  'opencv-sface': {
    preprocessing: square(112, 'rgb', 0, 1),
    ...arcFaceCrop,
    licence: 'Apache-2.0 (OpenCV Zoo)',
    trainingData: 'CASIA-WebFace, VGGFace2 and MS1MV2',
    source: 'opencv/opencv, modules/objdetect/src/face_recognize.cpp, feature()',
  },
  adaface: {
    preprocessing: square(112, 'bgr', 127.5, 127.5),
    ...arcFaceCrop,
    licence: 'MIT (mk-minchul/AdaFace); see the terms of the training data',
    trainingData: 'MS1MV2, MS1MV3, WebFace4M or WebFace12M, as stated by its publisher',
    source: 'mk-minchul/AdaFace, inference.py, to_input',
  },
  edgeface: {
    preprocessing: square(112, 'rgb', 127.5, 127.5),
    ...arcFaceCrop,
    licence: 'CC-BY-NC-SA-4.0 (Idiap, EdgeFace)',
    trainingData: 'WebFace4M or WebFace12M, as stated by its publisher',
    source: 'otroshi/edgeface, README.md, Normalize(mean=0.5, std=0.5)',
  },
  ghostfacenet: {
    preprocessing: square(112, 'rgb', 127.5, 128),
    ...arcFaceCrop,
    licence: 'MIT (HamadYA/GhostFaceNets); see the terms of the training data',
    trainingData: 'MS1MV2 or MS1MV3, as stated by its publisher',
    source: 'HamadYA/GhostFaceNets, evals.py, (img - 127.5) * 0.0078125',
  },
  mobilefacenet: {
    preprocessing: square(112, 'rgb', 127.5, 128),
    ...arcFaceCrop,
    licence: 'as stated by its publisher',
    trainingData: 'CASIA-WebFace or MS1M, as stated by its publisher',
    source: 'Chen et al. 2018, MobileFaceNets (arXiv 1804.07573), section 4.1',
  },
  'dlib-resnet': {
    preprocessing: {
      width: 150,
      height: 150,
      channels: 'rgb',
      mean: [122.782, 117.001, 104.298],
      std: [256, 256, 256],
    },
    template: 'dlib',
    metric: 'euclidean',
    licence: "public domain by its author's word (dlib_face_recognition_resnet_model_v1)",
    trainingData: 'about 3 million images of 7,485 people: FaceScrub, VGG Face, and images scraped from the internet',
    source: 'davisking/dlib, dlib/dnn/input.h, input_rgb_image_sized',
  },
  'human-faceres': {
    preprocessing: { ...square(224, 'bgr', 0, 1), mean: [103.939, 116.779, 123.68] },
    template: 'dlib',
    metric: 'cosine',
    licence: 'Apache-2.0 (HSE-asavchenko/face-emotion-recognition); the package @vladmandic/human is MIT',
    trainingData: 'VGGFace2',
    source: 'HSE-asavchenko/face-emotion-recognition, as published in @vladmandic/human, which omits the means',
    output: 'global_pooling/Mean',
  },
};
