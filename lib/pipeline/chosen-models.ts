import { FaceNetError } from '../core/errors.ts';
import type { Calibration } from '../core/types.ts';
import { classicalDetector } from '../detection/classical/classical-detector.ts';
import type { Detector } from '../detection/detector.ts';
import { laterStages } from '../models/detection-stages.ts';
import type {
  CandidateDescriptor,
  ClassicalDescriptor,
  ClassicalDetectorDescriptor,
  DetectionDescriptor,
  EmbeddingDescriptor,
  ForestDescriptor,
  FusionDescriptor,
  LandmarksDescriptor,
  ModelDescriptor,
  Preset,
} from '../models/manifest.ts';
import type { ModelStore } from '../models/store.ts';
import { byName, type LoadOptions } from './options.ts';

/** The models that the load options select from the manifest. */
export interface ChosenModels {
  preset: Preset;
  /** A detector that is no network. */
  classical: Detector | undefined;
  /** The detector of the manifest that is no network. */
  classicalDetection: ClassicalDetectorDescriptor | undefined;
  /** The landmarker of the manifest that is no network. */
  forest: ForestDescriptor | undefined;
  /** The detector's network; undefined for a classical one. */
  detection: DetectionDescriptor | undefined;
  /** The detector that runs on the backend: `detection`, or the one that replaces MediaPipe if MediaPipe does not start. */
  graphDetection: DetectionDescriptor | undefined;
  /** The networks of the detector's later stages, in order. */
  detectionStages: CandidateDescriptor[];
  /** The detector that runs again on a crop of each detection. */
  refinement: DetectionDescriptor | undefined;
  /** The landmarker's network; undefined for the landmarks that the detector finds, and for regression trees. */
  landmarks: LandmarksDescriptor | undefined;
  /** The embedding networks: one, or the parts of the fusion. */
  embedding: EmbeddingDescriptor[];
  fusion: FusionDescriptor | undefined;
  calibration: Calibration | undefined;
}

/** Selects the models. @throws {FaceNetError} `option-invalid` when a name is not in the manifest. */
export async function chooseModels(store: ModelStore, options: LoadOptions): Promise<ChosenModels> {
  const preset = byName('preset', store.presets(), options.preset);
  const detectorName = options.detector ?? preset.detector;
  const isDetector = (model: ClassicalDescriptor): model is ClassicalDetectorDescriptor =>
    model.kind !== 'shape-predictor';
  const isForest = (model: ClassicalDescriptor): model is ForestDescriptor => model.kind === 'shape-predictor';
  const classicalDetectors = options.detectorModel === undefined ? store.classical().filter(isDetector) : [];
  const classicalDetection = classicalDetectors.find(({ name }) => name === detectorName);
  const classical = classicalDetection ? undefined : await classicalDetector(detectorName, options.detectorModel);
  const detectors = store.models('detection');
  const chosen = classical ? undefined : byName('detector', [...detectors, ...classicalDetectors], detectorName);
  const detection = chosen && !('kind' in chosen) ? chosen : undefined;
  const graphDetection =
    detection?.engine === 'mediapipe' ? detectors.find(({ name }) => name === detection.fallback) : detection;
  const landmarker = options.landmarker ?? preset.landmarker;
  if (landmarker === 'detector') requireLandmarks(detectorName, detection);
  const landmarkers = [...store.models('landmarks'), ...store.classical().filter(isForest)];
  const landmarks = landmarker === 'detector' ? undefined : byName('landmarker', landmarkers, landmarker);
  const embedder = chooseEmbedder(store, options.embedder ?? preset.embedder);
  return {
    preset,
    classical,
    classicalDetection,
    forest: landmarks && 'kind' in landmarks ? landmarks : undefined,
    detection,
    graphDetection,
    detectionStages: (detection ? laterStages(detection) : []).map((name) =>
      byName('network', store.models('candidates'), name),
    ),
    refinement: detection?.closeUp === undefined ? undefined : refinerOf(detectors, detection.closeUp),
    landmarks: landmarks && !('kind' in landmarks) ? landmarks : undefined,
    embedding: 'parts' in embedder ? partsOf(store, embedder) : [embedder],
    fusion: 'parts' in embedder ? embedder : undefined,
    // A preset's calibration is that of its own embedder.
    calibration: embedder.name === preset.embedder ? preset.calibration : embedder.calibration,
  };
}

function chooseEmbedder(store: ModelStore, name: string): EmbeddingDescriptor | FusionDescriptor {
  return byName('embedder', [...store.models('embedding'), ...store.fusions()], name);
}

/** @throws {FaceNetError} `manifest-invalid` for a detector that searches whole pictures. */
function refinerOf(detectors: readonly DetectionDescriptor[], name: string): DetectionDescriptor {
  const refiner = byName('detector', detectors, name);
  if (!['mtcnn', 'anchors', 'mmod', 'priors'].includes(refiner.head.type)) return refiner;
  throw new FaceNetError(
    'manifest-invalid',
    `closeUp is "${name}", which searches whole pictures: name a detector of small squares, such as BlazeFace.`,
  );
}

/** The networks of a fusion. @throws {FaceNetError} `manifest-invalid` for a part that is in no manifest. */
function partsOf(store: ModelStore, { name, parts }: FusionDescriptor): EmbeddingDescriptor[] {
  return parts.map(({ embedder }) => {
    const network = store.models('embedding').find((model) => model.name === embedder);
    if (network) return network;
    throw new FaceNetError(
      'manifest-invalid',
      `The embedder "${name}" needs the network "${embedder}", which no manifest lists: copy the whole models folder.`,
    );
  });
}

/** The chosen models that run as graph models, whose files are fetched. */
export function graphModels(models: ChosenModels): ModelDescriptor[] {
  const { detection, detectionStages, refinement, landmarks, embedding } = models;
  const all = [detection, ...detectionStages, refinement, landmarks, ...embedding];
  return all.filter((model) => model?.engine === 'tfjs') as ModelDescriptor[];
}

/** The chosen models of the manifest that find faces and their landmarks. */
export function detectionModels(models: ChosenModels): (ModelDescriptor | ClassicalDescriptor)[] {
  const { classicalDetection, detection, graphDetection, detectionStages, refinement, landmarks, forest } = models;
  const all = [classicalDetection, detection, graphDetection, ...detectionStages, refinement, landmarks, forest];
  return [...new Set(all.filter((model) => model !== undefined))];
}

function requireLandmarks(name: string, detection: DetectionDescriptor | undefined): void {
  const head = detection?.head;
  if (head?.type === 'mtcnn' || (head?.type === 'anchors' && head.keypoints)) return;
  throw new FaceNetError(
    'option-invalid',
    `landmarker is "detector", but the detector "${name}" finds no landmarks: use detector: "mtcnn" or another landmarker.`,
  );
}
