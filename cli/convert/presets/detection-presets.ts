import type { AnchorGrid, AnchorHead, DetectionHead, Preprocessing } from '../../../lib/models/manifest.ts';
import { blazeFaceHead } from './blazeface-head.ts';
import { outputPerGrid, sharedOutput } from './output-roles.ts';
import { widerFaceBox } from './wider-face-box.ts';

/** A network after its conversion, as far as its head depends on it. */
export interface ConvertedDetector {
  /** The size of its input in pixels. */
  input: { width: number; height: number };
  /** The outputs in the order of the file, with the number of their values for one image. */
  outputs: readonly { name: string; length: number }[];
  /** The operators of its graph. */
  operators: ReadonlySet<string>;
}

/** What a family of published detectors takes and returns, with its licence and training data. */
export interface DetectionPreset {
  /** The size is that of networks that take any size. */
  preprocessing: Preprocessing;
  licence: string;
  trainingData: string;
  /** Whether the outputs are listed by their lengths, the longest first. Default: in the order of the file. */
  longestFirst?: boolean;
  /** Whether detections are refined by the network itself, on a crop of each. */
  refined?: boolean;
  /** The head. @throws {FaceNetError} `model-file-unsupported` when the outputs are not those of the family. */
  head(detector: ConvertedDetector): DetectionHead;
}

const widerFace = 'WIDER FACE';

function input(
  width: number,
  height: number,
  channels: Preprocessing['channels'],
  mean: number | [number, number, number],
  std: number,
): Preprocessing {
  const means: Preprocessing['mean'] = typeof mean === 'number' ? [mean, mean, mean] : mean;
  return { width, height, channels, mean: means, std: [std, std, std] };
}

/** What the presets have in common. */
const common = {
  type: 'anchors' as const,
  activation: 'none' as const,
  box: widerFaceBox,
  minFace: 12,
};

/** Grids whose anchors have the size of a cell. @param perCell the number of anchors in each. */
function cellAnchors(strides: readonly number[], perCell: number): AnchorGrid[] {
  return strides.map((stride) => ({ stride, sizes: Array.from({ length: perCell }, () => stride) }));
}

/** Whether the network makes probabilities of its scores. */
function scoreActivation({ operators }: ConvertedDetector): AnchorHead['activation'] {
  return operators.has('Softmax') ? 'none' : 'softmax';
}

/** OpenCV, modules/objdetect/src/face_detect.cpp (FaceDetectorYN), for the files of 2023; opencv_zoo, face_detection_yunet/yunet.py. */
function yunetHead(detector: ConvertedDetector): AnchorHead {
  const grids = cellAnchors([8, 16, 32], 1);
  return {
    ...common,
    outputs: outputPerGrid(detector, grids, { scores: 1, objectness: 1, boxes: 4, keypoints: 10 }),
    grids,
    offset: 0,
    classes: 1,
    boxes: { encoding: 'centre', centreVariance: 1, sizeVariance: 1 },
    keypoints: { variance: 1 },
    suppression: { method: 'hard', maxOverlap: 0.3 },
    minScore: 0.6,
  };
}

/** deepinsight/insightface, python-package/insightface/model_zoo/scrfd.py. */
function scrfdHead(detector: ConvertedDetector): AnchorHead {
  const { length } = detector.outputs;
  const grids = length > 9 ? cellAnchors([8, 16, 32, 64, 128], 1) : cellAnchors([8, 16, 32], 2);
  const hasKeypoints = length === 3 * grids.length;
  const roles = { scores: 1, boxes: 4, ...(hasKeypoints && { keypoints: 10 }) };
  return {
    ...common,
    outputs: outputPerGrid(detector, grids, roles),
    grids,
    offset: 0,
    classes: 1,
    boxes: { encoding: 'distances' },
    ...(hasKeypoints && { keypoints: { variance: 1 } }),
    suppression: { method: 'hard', maxOverlap: 0.4 },
    minScore: 0.5,
  };
}

/** biubug6/Pytorch_Retinaface, data/config.py (cfg_mnet), utils/box_utils.py and detect.py. */
function retinaFaceHead(detector: ConvertedDetector): AnchorHead {
  const grids = [
    { stride: 8, sizes: [16, 32] },
    { stride: 16, sizes: [64, 128] },
    { stride: 32, sizes: [256, 512] },
  ];
  return {
    ...common,
    outputs: sharedOutput(detector, grids, { scores: 2, boxes: 4, keypoints: 10 }),
    grids,
    offset: 0.5,
    classes: 2,
    activation: scoreActivation(detector),
    boxes: { encoding: 'centre', centreVariance: 0.1, sizeVariance: 0.2 },
    keypoints: { variance: 0.1 },
    suppression: { method: 'hard', maxOverlap: 0.4 },
    minScore: 0.6,
  };
}

/**
 * Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB, vision/ssd/config/fd_config.py and detect_imgs_onnx.py. The files are published
 * with decoded boxes, whose graph has an exponential, and "without postprocessing".
 */
function ultraLightHead(detector: ConvertedDetector): AnchorHead {
  const grids = [
    { stride: 8, sizes: [10, 16, 24] },
    { stride: 16, sizes: [32, 48] },
    { stride: 32, sizes: [64, 96] },
    { stride: 64, sizes: [128, 192, 256] },
  ];
  return {
    ...common,
    outputs: sharedOutput(detector, grids, { scores: 2, boxes: 4 }),
    grids,
    offset: 0.5,
    clipped: true,
    classes: 2,
    activation: scoreActivation(detector),
    boxes: detector.operators.has('Exp')
      ? { encoding: 'corners' }
      : { encoding: 'centre', centreVariance: 0.1, sizeVariance: 0.2 },
    suppression: { method: 'hard', maxOverlap: 0.3 },
    minScore: 0.7,
  };
}

const ultraLight = {
  licence: 'MIT (Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB)',
  trainingData: widerFace,
  head: ultraLightHead,
};

/** The families of detectors, by the value of `facenet-web add-model --preset`. */
export const detectionPresets: Record<string, DetectionPreset> = {
  yunet: {
    preprocessing: input(640, 640, 'bgr', 0, 1),
    licence: 'MIT (OpenCV Zoo, face_detection_yunet)',
    trainingData: widerFace,
    head: yunetHead,
  },
  scrfd: {
    preprocessing: input(640, 640, 'rgb', 127.5, 128),
    licence: 'InsightFace: non-commercial research only',
    trainingData: widerFace,
    head: scrfdHead,
  },
  'retinaface-mobilenet': {
    preprocessing: input(640, 640, 'bgr', [104, 117, 123], 1),
    licence: 'MIT (biubug6/Pytorch_Retinaface)',
    trainingData: widerFace,
    head: retinaFaceHead,
  },
  'ultra-light-320': { ...ultraLight, preprocessing: input(320, 240, 'rgb', 127, 128) },
  'ultra-light-640': { ...ultraLight, preprocessing: input(640, 480, 'rgb', 127, 128) },
  blazeface: {
    preprocessing: input(128, 128, 'rgb', 127.5, 127.5),
    licence: 'Apache-2.0 (MediaPipe)',
    trainingData: 'not published (Google)',
    longestFirst: true,
    refined: true,
    head: blazeFaceHead,
  },
};
