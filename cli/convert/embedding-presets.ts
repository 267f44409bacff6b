import type { EmbeddingDescriptor, Preprocessing } from '../../lib/models/manifest.ts';
import { inceptionResNetV1, inceptionResNetV1Of } from '../../lib/training/networks/architectures/inception-resnet.ts';
import type { Architecture } from '../../lib/training/networks/description.ts';

/** The preprocessing, alignment and metric of a family of published networks, and their licence and training data. */
export interface EmbeddingPreset
  extends Pick<EmbeddingDescriptor, 'preprocessing' | 'template' | 'metric' | 'licence' | 'trainingData'> {
  /** The output that is the embedding, for files with several outputs. */
  output?: string;
  /** The network, for files that hold weights only. */
  architecture?: Architecture;
}

const square = (size: number, channels: Preprocessing['channels'], mean: number, std: number): Preprocessing => ({
  width: size,
  height: size,
  channels,
  mean: [mean, mean, mean],
  std: [std, std, std],
});

/** The families of embedders whose preprocessing is known, by the value of `facenet-web add-model --preset`. */
export const embeddingPresets: Record<string, EmbeddingPreset> = {
  // davidsandberg/facenet, models of 2018: fixed standardisation. They were trained on crops of MTCNN boxes, which
  // `--template facenet` gives with the detector "mtcnn". ArcFace's template is the nearest that works with every landmarker.
  'facenet-2018': {
    preprocessing: square(160, 'rgb', 127.5, 128),
    template: 'arcface',
    metric: 'euclidean',
    licence: 'MIT (davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (20180402-114759) or CASIA-WebFace (20180408-102900)',
    architecture: inceptionResNetV1,
  },
  // serengil/deepface: the default `normalization="base"` (modules/representation.py), which is BGR from 0 to 1, and the cosine
  // metric. Issue 1252 of deepface names the facenet releases that the files were converted from.
  'deepface-facenet': {
    preprocessing: square(160, 'bgr', 0, 255),
    template: 'arcface',
    metric: 'cosine',
    licence: 'MIT (deepface, converted from davidsandberg/facenet); see the terms of the training data',
    trainingData: 'MS-Celeb-1M, withdrawn by its publisher (davidsandberg/facenet 20170512-110547)',
    architecture: inceptionResNetV1Of(128),
  },
  'deepface-facenet512': {
    preprocessing: square(160, 'bgr', 0, 255),
    template: 'arcface',
    metric: 'cosine',
    licence: 'MIT (deepface, converted from davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (davidsandberg/facenet 20180402-114759)',
    architecture: inceptionResNetV1,
  },
  // InsightFace, recognition/arcface_torch.
  arcface: {
    preprocessing: square(112, 'rgb', 127.5, 127.5),
    template: 'arcface',
    metric: 'cosine',
    licence: 'InsightFace: non-commercial research only',
    trainingData: 'MS1MV2, MS1MV3 or Glint360K, as stated by its publisher',
  },
  // OpenCV Zoo, face_recognition_sface: plain RGB, 0 to 255.
  sface: {
    preprocessing: square(112, 'rgb', 0, 1),
    template: 'arcface',
    metric: 'cosine',
    licence: 'Apache-2.0 (OpenCV Zoo)',
    trainingData: 'CASIA-WebFace, VGGFace2 and MS1MV2',
  },
  // MobileFaceNets (Chen et al. 2018, arXiv 1804.07573).
  mobilefacenet: {
    preprocessing: square(112, 'rgb', 127.5, 128),
    template: 'arcface',
    metric: 'cosine',
    licence: 'as stated by its publisher',
    trainingData: 'CASIA-WebFace or MS1M, as stated by its publisher',
  },
  // HSE-asavchenko/face-emotion-recognition, as published in @vladmandic/human. That package omits the means.
  'human-faceres': {
    preprocessing: { ...square(224, 'bgr', 0, 1), mean: [103.939, 116.779, 123.68] },
    template: 'dlib',
    metric: 'cosine',
    licence: 'Apache-2.0 (HSE-asavchenko/face-emotion-recognition); the package @vladmandic/human is MIT',
    trainingData: 'VGGFace2',
    output: 'global_pooling/Mean',
  },
};
