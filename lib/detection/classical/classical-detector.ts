import { FaceNetError } from '../../core/errors.ts';
import { lazyImport } from '../../core/lazy-import.ts';
import type { Detector } from '../detector.ts';

/** The detectors that are not networks. Each loads on first use. `modelName` describes its model in error messages. */
const classical: Record<string, { modelName: string; create: (model: string) => Promise<Detector> }> = {
  'viola-jones': {
    modelName: "the text of an OpenCV cascade, such as OpenCV's haarcascade_frontalface_default.xml",
    create: async (xml) => (await lazyImport(() => import('./viola-jones.ts'))).violaJonesDetector(xml),
  },
  'hog-svm': {
    modelName: 'the JSON of a model that trainHogSvm() of facenet-web/training trained',
    async create(json) {
      const { hogSvmDetector, parseHogSvm } = await lazyImport(() => import('./hog-svm.ts'));
      return hogSvmDetector(parseHogSvm(json));
    },
  },
};

/**
 * Creates a classical detector by name.
 *
 * @param model the option `detectorModel`.
 * @returns `undefined` when the name is not that of a classical detector.
 * @throws {FaceNetError} `option-invalid` when the model is missing or invalid.
 */
export async function classicalDetector(name: string, model: string | undefined): Promise<Detector | undefined> {
  const found = Object.hasOwn(classical, name) ? classical[name] : undefined;
  if (!found) return undefined;
  if (typeof model !== 'string') {
    throw new FaceNetError('option-invalid', `The detector "${name}" needs detectorModel: pass ${found.modelName}.`);
  }
  return found.create(model);
}
