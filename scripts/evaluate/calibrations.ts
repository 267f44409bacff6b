import { readFileSync, writeFileSync } from 'node:fs';
import type { Calibration } from '../../lib/core/types.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import { repositoryPath } from '../kit/paths.ts';

/** Writes a calibration into scripts/prepare/calibrations.json, or into the manifest of the other embedder. */
export function writeCalibration({ name, manifest }: Recipe, { logOdds, thresholds }: Calibration): void {
  const rounded = (value: number) => Number(value.toPrecision(4));
  const calibration = {
    logOdds: logOdds.map(rounded),
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: rounded(distance) })),
  };
  const file = manifest ?? repositoryPath('scripts/prepare/calibrations.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest) content.models.find((model: { name: string }) => model.name === name).calibration = calibration;
  else content[name] = calibration;
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  const next = manifest ? '' : ' Run "npm run models" to update the manifest.';
  process.stderr.write(`The calibration was written into ${file}.${next}\n`);
}
