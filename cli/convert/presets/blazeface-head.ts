import type { BlazeFaceGrids, DetectionHead } from '../../../lib/models/manifest.ts';
import { unsupportedFile } from '../errors.ts';
import type { ConvertedDetector } from './detection-presets.ts';
import { unfitting } from './output-roles.ts';

/** Values of an anchor: the box and six keypoints. */
const valuesPerAnchor = 16;

/** MediaPipe, face_detection_short_range, _full_range and _back: their grids by the side of the input. */
const gridsBySize: Record<number, BlazeFaceGrids> = {
  128: [
    { stride: 8, perCell: 2 },
    { stride: 16, perCell: 6 },
  ],
  192: [{ stride: 4, perCell: 1 }],
  256: [
    { stride: 16, perCell: 2 },
    { stride: 32, perCell: 6 },
  ],
};

/** The head of BlazeFace, whose outputs are the boxes with keypoints, then the scores. @throws {FaceNetError} `model-file-unsupported` for other outputs. */
export function blazeFaceHead({ input, outputs }: ConvertedDetector): DetectionHead {
  const grids = input.width === input.height ? gridsBySize[input.width] : undefined;
  if (!grids) {
    throw unsupportedFile(
      `The preset blazeface is for images of 128×128, 192×192 or 256×256, not ${input.width}×${input.height}.`,
    );
  }
  const anchors = grids.reduce((sum, { stride, perCell }) => sum + Math.ceil(input.width / stride) ** 2 * perCell, 0);
  const [regressors, scores] = outputs;
  if (regressors?.length !== anchors * valuesPerAnchor) throw unfitting(outputs, 'boxes', anchors * valuesPerAnchor);
  if (scores?.length !== anchors) throw unfitting(outputs, 'scores', anchors);
  return { type: 'blazeface', grids };
}
