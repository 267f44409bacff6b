import type { FaceNetError } from '../../../lib/core/errors.ts';
import { anchorCount } from '../../../lib/detection/networks/anchors/anchor-grid.ts';
import type { AnchorGrid, AnchorHead } from '../../../lib/models/manifest.ts';
import { unsupportedFile } from '../errors.ts';
import type { ConvertedDetector } from './detection-presets.ts';

/** The roles of outputs, in the order in which the families list them, with the number of values of each anchor. */
type Roles = { [Role in keyof AnchorHead['outputs']]?: number };

/** The start of the names of OpenCV's outputs. The rest is the stride. */
const namedRoles: Record<string, string> = { scores: 'cls_', objectness: 'obj_', boxes: 'bbox_', keypoints: 'kps_' };

/**
 * The indices of outputs that are separate for each grid: by OpenCV's names, or in the order of the file, role by role.
 *
 * @throws {FaceNetError} `model-file-unsupported` when their number or their lengths are not those of the grids.
 */
export function outputPerGrid(
  { input, outputs }: ConvertedDetector,
  grids: readonly AnchorGrid[],
  roles: Roles,
): AnchorHead['outputs'] {
  const indices: Partial<Record<string, number[]>> = {};
  Object.entries(roles).forEach(([role, values], position) => {
    indices[role] = grids.map((grid, i) => {
      const named = outputs.findIndex(({ name }) => name === `${namedRoles[role]}${grid.stride}`);
      const index = named >= 0 ? named : position * grids.length + i;
      const length = anchorCount(grid, input) * values;
      if (outputs[index]?.length !== length) throw unfitting(outputs, `${role} of stride ${grid.stride}`, length);
      return index;
    });
  });
  return indices as AnchorHead['outputs'];
}

/**
 * The indices of outputs that all grids share, by their lengths.
 *
 * @throws {FaceNetError} `model-file-unsupported` when an output is missing.
 */
export function sharedOutput(
  { input, outputs }: ConvertedDetector,
  grids: readonly AnchorGrid[],
  roles: Roles,
): AnchorHead['outputs'] {
  const total = grids.reduce((sum, grid) => sum + anchorCount(grid, input), 0);
  const indices = Object.entries(roles).map(([role, values]) => {
    const index = outputs.findIndex(({ length }) => length === total * values);
    if (index < 0) throw unfitting(outputs, role, total * values);
    return [role, [index]];
  });
  return Object.fromEntries(indices) as AnchorHead['outputs'];
}

/** An error that lists the outputs. */
export function unfitting(outputs: ConvertedDetector['outputs'], role: string, length: number): FaceNetError {
  const found = outputs.map((output) => `${output.name} with ${output.length}`).join(', ');
  return unsupportedFile(
    `The preset needs ${length} values for the ${role}, and the file has the outputs ${found}: use the preset of its family, and --size WIDTHxHEIGHT if it takes images of any size.`,
  );
}
