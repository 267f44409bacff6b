import { lazyImport } from '../core/lazy-import.ts';
import type { Detector, PictureDetector } from '../detection/detector.ts';
import { networkDetector } from '../detection/networks/network-detector.ts';
import type { AnchorHead, CandidateDescriptor, DetectionDescriptor, MmodHead } from '../models/manifest.ts';
import type { NetworkLoader } from '../runtime/network-loader.ts';
import type { ChosenModels } from './chosen-models.ts';

/** Loads the detector of a model, whichever its head is. The code of detectors that search whole pictures is loaded on first use. */
export function loadDetector(
  loader: NetworkLoader,
  model: DetectionDescriptor,
  models: ChosenModels,
): Promise<Detector | PictureDetector> {
  if (model.head.type === 'mtcnn') return loadMtcnn(loader, model, models);
  if (model.head.type === 'mmod') return loadMmod(loader, model);
  return model.head.type === 'anchors' ? loadAnchors(loader, model, models) : loadViewDetector(loader, model);
}

/** Loads a detector that searches single views, as a refiner must. */
export async function loadViewDetector(loader: NetworkLoader, model: DetectionDescriptor): Promise<Detector> {
  return networkDetector(await loader.load(model), model);
}

async function loadMmod(loader: NetworkLoader, model: DetectionDescriptor): Promise<PictureDetector> {
  const { mmodDetector } = await lazyImport(() => import('../detection/networks/mmod/mmod-detector.ts'));
  await loader.load(model);
  const loadForSize = (width: number, height: number) => loader.loadForSize(model, width, height);
  return mmodDetector(loadForSize, model.name, model.head as MmodHead);
}

async function loadMtcnn(
  loader: NetworkLoader,
  model: DetectionDescriptor,
  { detectionStages, landmarks }: ChosenModels,
): Promise<PictureDetector> {
  const { mtcnnDetector } = await lazyImport(() => import('../detection/networks/mtcnn/mtcnn.ts'));
  const [refinement, output] = detectionStages as [CandidateDescriptor, CandidateDescriptor];
  const networks = {
    proposal: await loader.load(model),
    refinement: await loader.load(refinement),
    output: await loader.load(output),
  };
  return mtcnnDetector(networks, model, { landmarks: !landmarks });
}

async function loadAnchors(
  loader: NetworkLoader,
  model: DetectionDescriptor,
  { landmarks }: ChosenModels,
): Promise<PictureDetector> {
  const { anchorDetector } = await lazyImport(() => import('../detection/networks/anchors/anchor-detector.ts'));
  const head = model.head as AnchorHead;
  return anchorDetector(await loader.load(model), { ...model, head }, { landmarks: !landmarks });
}
