import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { comparedCalibration } from '../../lib/core/stranger-model.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';

/**
 * The rule of a recipe's faces, as `facenet.rule` is. It names the model that computed the quality of faces; without the name their
 * quality would not be used.
 *
 * @throws {Error} if the preset has no calibration.
 */
export function ruleOf({ name, model, metric, dimension, calibration }: Recipe): ComparisonRule {
  if (!calibration) throw new Error(`The preset "${name}" has no calibration: run npm run evaluate -- --calibrate.`);
  return { model, metric, dimension, calibration: comparedCalibration(calibration) };
}
