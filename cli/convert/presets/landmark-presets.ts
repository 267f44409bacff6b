import type { LandmarksDescriptor, Preprocessing } from '../../../lib/models/manifest.ts';
import { cropAroundWiderFaceBox } from './wider-face-box.ts';

/** What a family of published landmark networks takes and returns, with its licence and training data. */
export interface LandmarkPreset
  extends Pick<
    LandmarksDescriptor,
    'preprocessing' | 'scheme' | 'valuesPerPoint' | 'unit' | 'crop' | 'licence' | 'trainingData'
  > {
  /** Whether a network that begins with a normalisation of its own gets the pixels as they are, 0 to 255. */
  ownNormalisation?: boolean;
}

function square(size: number, mean: number, std: number): Preprocessing {
  return { width: size, height: size, channels: 'rgb', mean: [mean, mean, mean], std: [std, std, std] };
}

/** The families of landmarkers, by the value of `facenet-web add-model --preset`. */
export const landmarkPresets: Record<string, LandmarkPreset> = {
  // cunjian/pytorch_face_landmark, test_camera_pfld_onnx.py: PFLD (Guo et al. 2019, arXiv 1902.10859) for 68 points.
  'pfld-68': {
    preprocessing: square(112, 0, 255),
    scheme: 'ibug-68',
    valuesPerPoint: 2,
    unit: 'crop',
    crop: cropAroundWiderFaceBox(1.1),
    licence: 'as stated by its publisher',
    trainingData: '300-W, whose terms exclude commercial use, or as stated by its publisher',
  },
  // deepinsight/insightface, python-package/insightface/model_zoo/landmark.py: 2d106det.
  'insightface-2d106': {
    preprocessing: square(192, 127.5, 128),
    ownNormalisation: true,
    scheme: 'insightface-106',
    valuesPerPoint: 2,
    unit: 'centred',
    crop: cropAroundWiderFaceBox(1.5),
    licence: 'InsightFace: non-commercial research only',
    trainingData: 'not stated',
  },
  // faceplugin-face-recognition-js 0.0.1, lib/fr_landmark.js: 68 points in a grey crop of the detector's box.
  'faceplugin-68': {
    preprocessing: square(64, 0, 256),
    scheme: 'ibug-68',
    valuesPerPoint: 2,
    unit: 'crop',
    crop: cropAroundWiderFaceBox(1),
    licence: 'not stated',
    trainingData: 'not stated',
  },
};
