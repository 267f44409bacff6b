import { lazyImport } from '../core/lazy-import.ts';
import type { Detector, PictureDetector } from '../detection/detector.ts';
import type { Landmarker } from '../landmarks/landmarker.ts';
import type { ClassicalDetectorDescriptor, ForestDescriptor, ModelFile } from '../models/manifest.ts';
import type { ReadFile } from '../runtime/network-loader.ts';
import type { ChosenModels } from './chosen-models.ts';

/**
 * Loads the stages of the manifest that are no networks. Their code and files are loaded only if they are chosen.
 *
 * @throws {FaceNetError} `model-file-damaged` for a file that is not what the manifest states; what reading the files throws.
 */
export async function loadClassical(
  { classicalDetection, forest }: ChosenModels,
  read: ReadFile,
): Promise<{ detector: Detector | PictureDetector | undefined; landmarker: Landmarker | undefined }> {
  return {
    detector: classicalDetection && (await loadDetector(classicalDetection, read)),
    landmarker: forest && (await loadForest(forest, read)),
  };
}

async function loadDetector(
  { name, kind, files, scaleFactor }: ClassicalDetectorDescriptor,
  read: ReadFile,
): Promise<Detector | PictureDetector> {
  const bytes = await read(files[0] as ModelFile);
  if (kind === 'cascade') {
    const { cascadeDetector } = await lazyImport(() => import('../detection/classical/viola-jones.ts'));
    return cascadeDetector(new TextDecoder().decode(bytes), name, scaleFactor);
  }
  const { dlibHogDetector, unpackHogModel } = await lazyImport(() => import('../detection/classical/dlib/index.ts'));
  return dlibHogDetector(name, unpackHogModel(bytes));
}

async function loadForest({ name, scheme, files }: ForestDescriptor, read: ReadFile): Promise<Landmarker> {
  const { forestLandmarker, unpackShapePredictor } = await lazyImport(() => import('../landmarks/classical/index.ts'));
  return forestLandmarker(name, scheme, unpackShapePredictor(await read(files[0] as ModelFile)));
}
