import { FaceNetError } from '../core/errors.ts';
import type { Landmarks } from '../core/types.ts';
import type { Landmarker } from './landmarker.ts';

/**
 * Creates the landmarker that returns the landmarks that the detector found.
 *
 * @param name the detector's name.
 * @throws {FaceNetError} from `find`: `option-invalid` for a face without landmarks.
 */
export function detectorLandmarker(name: string): Landmarker {
  return {
    name,
    async find(_picture, faces) {
      return faces.map(({ landmarks }) => landmarks ?? missing(name));
    },
    // Without a presence scorer, faces are not followed.
    async follow(_picture, previous) {
      return [...previous];
    },
    dispose() {},
  };
}

function missing(name: string): Landmarks {
  throw new FaceNetError(
    'option-invalid',
    `The face has no landmarks of the detector "${name}": pass what detect() returned with landmarker: "detector".`,
  );
}
