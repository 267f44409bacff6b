import { FaceNetError } from '../../core/errors.ts';
import { lazyImport } from '../../core/lazy-import.ts';
import type { Detector } from '../detector.ts';

/** The detectors that are no networks: what each is made of, for the error, and how. They load when they are asked for. */
const classical: Record<string, { madeOf: string; make: (model: string) => Promise<Detector> }> = {
  'viola-jones': {
    madeOf: "the text of an OpenCV cascade, such as OpenCV's haarcascade_frontalface_default.xml",
    make: async (xml) => (await lazyImport(() => import('./viola-jones.ts'))).violaJonesDetector(xml),
  },
  'hog-svm': {
    madeOf: 'the JSON of a model that trainHogSvm() of facenet-web/training gave',
    async make(json) {
      const { hogSvmDetector, parseHogSvm } = await lazyImport(() => import('./hog-svm.ts'));
      return hogSvmDetector(parseHogSvm(json));
    },
  },
};

/**
 * A classical detector by name; nothing when the name is none of theirs.
 *
 * @param model what it is made of.
 * @throws {FaceNetError} `option-invalid` when that is missing, or is not what it must be.
 */
export async function classicalDetector(name: string, model: string | undefined): Promise<Detector | undefined> {
  const found = Object.hasOwn(classical, name) ? classical[name] : undefined;
  if (!found) return undefined;
  if (typeof model !== 'string') {
    throw new FaceNetError('option-invalid', `The detector "${name}" needs detectorModel: pass ${found.madeOf}.`);
  }
  return found.make(model);
}
