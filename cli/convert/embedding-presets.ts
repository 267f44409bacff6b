import type { EmbeddingDescriptor, Preprocessing } from '../../lib/models/manifest.ts';
import type { Architecture } from '../../lib/training/networks/description.ts';
import { inceptionResNetV1, inceptionResNetV1Of } from '../../lib/training/networks/architectures/inception-resnet.ts';

/** What the published networks of a family want: their picture, their crop, and how their embeddings are compared. */
export interface EmbeddingPreset
  extends Pick<EmbeddingDescriptor, 'preprocessing' | 'template' | 'metric' | 'licence' | 'trainingData'> {
  /** The output that holds the embedding, where the file has several. */
  output?: string;
  /** The network that the family's files of bare weights are for. */
  architecture?: Architecture;
}

const picture = (size: number, channels: Preprocessing['channels'], mean: number, std: number): Preprocessing => ({
  width: size,
  height: size,
  channels,
  mean: [mean, mean, mean],
  std: [std, std, std],
});

/** The families whose preprocessing is known, by the name that `facenet-web add-model --preset` takes. */
export const embeddingPresets: Record<string, EmbeddingPreset> = {
  // davidsandberg/facenet, 2018 models: fixed standardisation. Their crops came from MTCNN boxes; ArcFace's template is
  // the nearest of the two here.
  'facenet-2018': {
    preprocessing: picture(160, 'rgb', 127.5, 128),
    template: 'arcface',
    metric: 'euclidean',
    licence: 'MIT (davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (20180402-114759) or CASIA-WebFace (20180408-102900)',
    architecture: inceptionResNetV1,
  },
  // serengil/deepface: its default `normalization="base"` (modules/representation.py), which is BGR from 0 to 1, compared by
  // cosine. Its author names the releases that the files were converted from (its issue 1252).
  'deepface-facenet': {
    preprocessing: picture(160, 'bgr', 0, 255),
    template: 'arcface',
    metric: 'cosine',
    licence: 'MIT (deepface, out of davidsandberg/facenet); see the terms of the training data',
    trainingData: 'MS-Celeb-1M, which its publisher withdrew (davidsandberg/facenet 20170512-110547)',
    architecture: inceptionResNetV1Of(128),
  },
  'deepface-facenet512': {
    preprocessing: picture(160, 'bgr', 0, 255),
    template: 'arcface',
    metric: 'cosine',
    licence: 'MIT (deepface, out of davidsandberg/facenet); see the terms of the training data',
    trainingData: 'VGGFace2 (davidsandberg/facenet 20180402-114759)',
    architecture: inceptionResNetV1,
  },
  // InsightFace, recognition/arcface_torch.
  arcface: {
    preprocessing: picture(112, 'rgb', 127.5, 127.5),
    template: 'arcface',
    metric: 'cosine',
    licence: 'InsightFace: non-commercial research only',
    trainingData: 'MS1MV2, MS1MV3 or Glint360K, as the file says',
  },
  // OpenCV Zoo, face_recognition_sface: plain RGB, 0 to 255.
  sface: {
    preprocessing: picture(112, 'rgb', 0, 1),
    template: 'arcface',
    metric: 'cosine',
    licence: 'Apache-2.0 (OpenCV Zoo)',
    trainingData: 'CASIA-WebFace, VGGFace2 and MS1MV2',
  },
  // MobileFaceNets (Chen et al. 2018, arXiv 1804.07573).
  mobilefacenet: {
    preprocessing: picture(112, 'rgb', 127.5, 128),
    template: 'arcface',
    metric: 'cosine',
    licence: 'as its file says',
    trainingData: 'CASIA-WebFace or MS1M, as its file says',
  },
  // HSE-asavchenko/face-emotion-recognition, as @vladmandic/human carries it; that package omits the means.
  'human-faceres': {
    preprocessing: { ...picture(224, 'bgr', 0, 1), mean: [103.939, 116.779, 123.68] },
    template: 'dlib',
    metric: 'cosine',
    licence: 'Apache-2.0 (HSE-asavchenko/face-emotion-recognition); the package that carries it is MIT',
    trainingData: 'VGGFace2',
    output: 'global_pooling/Mean',
  },
};
