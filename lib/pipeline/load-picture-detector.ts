import { lazyImport } from '../core/lazy-import.ts';
import type { PictureDetector } from '../detection/detector.ts';
import type { AnchorHead, CandidateDescriptor, DetectionDescriptor, MmodHead, PriorHead } from '../models/manifest.ts';
import type { NetworkLoader } from '../runtime/network-loader.ts';
import type { ChosenModels } from './chosen-models.ts';

/**
 * Loads a network that searches whole pictures. The code of each kind is loaded only if it is chosen.
 *
 * @returns undefined for a detector of small squares.
 */
export function loadPictureDetector(
  loader: NetworkLoader,
  model: DetectionDescriptor,
  models: ChosenModels,
): Promise<PictureDetector> | undefined {
  switch (model.head.type) {
    case 'mtcnn':
      return loadMtcnn(loader, model, models);
    case 'mmod':
      return loadMmod(loader, model);
    case 'priors':
      return loadPriors(loader, model);
    case 'anchors':
      return loadAnchors(loader, model, models);
    default:
      return undefined;
  }
}

async function loadMmod(loader: NetworkLoader, model: DetectionDescriptor): Promise<PictureDetector> {
  const { mmodDetector } = await lazyImport(() => import('../detection/networks/mmod/mmod-detector.ts'));
  await loader.load(model);
  const loadForSize = (width: number, height: number) => loader.loadForSize(model, width, height);
  return mmodDetector(loadForSize, model.name, model.head as MmodHead);
}

async function loadPriors(loader: NetworkLoader, model: DetectionDescriptor): Promise<PictureDetector> {
  const { priorDetector } = await lazyImport(() => import('../detection/networks/priors/prior-detector.ts'));
  return priorDetector(await loader.load(model), { ...model, head: model.head as PriorHead });
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
