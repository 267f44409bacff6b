import { readFileSync, writeFileSync } from 'node:fs';
import type { Calibration } from '../../lib/core/types.ts';
import { spreadOf } from '../../lib/quality/quality.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import { readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';

/**
 * Writes a calibration into scripts/prepare/calibrations.json, or into the manifest of an embedder of one's own. The
 * calibration of the first preset with an embedder is that of the embedder too.
 */
export function writeCalibration(recipe: Recipe, calibration: Calibration): void {
  const { name, manifest, model } = recipe;
  const file = manifest ?? repositoryPath('scripts/prepare/calibrations.json');
  const content = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest) content.models.find((each: { name: string }) => each.name === name).calibration = rounded(calibration);
  else for (const each of isFirstOf(recipe) ? [name, model] : [name]) content[each] = rounded(calibration);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  const next = manifest ? '' : ' Run "npm run models" to update the manifest.';
  process.stderr.write(`The calibration was written into ${file}.${next}\n`);
}

function isFirstOf({ name, model }: Recipe): boolean {
  return readManifest().presets?.find((preset) => preset.embedder === model)?.name === name;
}

/** The median spread of the crops' embeddings; undefined if the faces have one crop. */
export function medianSpread(results: Iterable<ImageResult>): number | undefined {
  const spreads = [...results].flatMap(({ quality }) =>
    quality?.stability === undefined ? [] : [spreadOf(quality.stability)],
  );
  return spreads.length > 0 ? median(spreads) : undefined;
}

function rounded({ logOdds: [a, b], thresholds, medianSpread: spread }: Calibration): Calibration {
  const digits = (value: number) => Number(value.toPrecision(4));
  return {
    logOdds: [digits(a), digits(b)],
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: digits(distance) })),
    ...(spread !== undefined && { medianSpread: digits(spread) }),
  };
}
