import type { Detector, PictureDetector } from '../detection/detector.ts';
import { networkDetector } from '../detection/networks/network-detector.ts';
import type { DetectionDescriptor } from '../models/manifest.ts';
import type { NetworkLoader } from '../runtime/network-loader.ts';
import type { ChosenModels } from './chosen-models.ts';
import { loadPictureDetector } from './load-picture-detector.ts';

/** Loads the detector of a model, whichever its head is. */
export function loadDetector(
  loader: NetworkLoader,
  model: DetectionDescriptor,
  models: ChosenModels,
): Promise<Detector | PictureDetector> {
  return loadPictureDetector(loader, model, models) ?? loadViewDetector(loader, model);
}

/** Loads a detector that searches single views, as a refiner must. */
export async function loadViewDetector(loader: NetworkLoader, model: DetectionDescriptor): Promise<Detector> {
  return networkDetector(await loader.load(model), model);
}
