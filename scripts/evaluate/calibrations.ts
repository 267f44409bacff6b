import { readFileSync, writeFileSync } from 'node:fs';
import type { Calibration, ConditionalCalibration, QualityReference } from '../../lib/core/types.ts';
import type { FoldedPair } from '../../lib/evaluation/index.ts';
import { measuredValue } from '../../lib/quality/quality.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import type { Recipe } from '../kit/lfw/recipe.ts';
import type { ComparedPair } from '../kit/lfw/summary.ts';
import { jsonText, readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';
import { mean, median } from '../kit/statistics.ts';

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
  writeFileSync(file, jsonText(content));
  const next = manifest ? '' : ' Run "npm run models" to update the manifest.';
  process.stderr.write(`The calibration was written into ${file}.${next}\n`);
}

function isFirstOf({ name, model }: Recipe): boolean {
  return readManifest().presets?.find((preset) => preset.embedder === model)?.name === name;
}

/**
 * The distribution of the measure that predicts the distance of genuine pairs best: the values of the poorer faces have the
 * strongest correlation with the distances. Undefined if no measure predicts it, or the system measures none.
 */
export function qualityReference(
  pairs: readonly (ComparedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
): QualityReference | undefined {
  const rated = (['magnitude', 'spread'] as const).flatMap((measure) => {
    const valueAt = (path: string) => {
      const quality = results.get(path)?.quality;
      return quality && measuredValue(quality, measure);
    };
    const values = [...results.keys()].flatMap((path) => valueAt(path) ?? []);
    const [poorer, sign] = measure === 'spread' ? ([Math.max, 1] as const) : ([Math.min, -1] as const);
    const points = pairs.flatMap(({ same, a, b, distance }) => {
      const [x, y] = [valueAt(a), valueAt(b)];
      return same && x !== undefined && y !== undefined ? [[poorer(x, y), distance] as const] : [];
    });
    const strength = sign * correlation(points);
    // The output of some networks has length 1 but for rounding errors.
    const isConstant = !(deviation(values) > 1e-3 * median(values));
    if (isConstant || !(strength > minStrength)) return [];
    return [{ strength, reference: { measure, median: median(values), deviation: deviation(values) } }];
  });
  return rated.sort((a, b) => b.strength - a.strength)[0]?.reference;
}

/** A measure with a weaker correlation does not predict quality. */
const minStrength = 0.1;

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** Pearson's correlation. */
function correlation(points: readonly (readonly [number, number])[]): number {
  const [a, b] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(points.map(([x, y]) => (x - meanA) * (y - meanB))) / (deviation(a) * deviation(b));
}

function rounded({ logOdds, thresholds, quality, conditional }: Calibration): Calibration {
  return {
    logOdds: roundedOdds(logOdds),
    thresholds: thresholds.map(({ far, distance }) => ({ far, distance: digits(distance) })),
    ...(quality && { quality: roundedQuality(quality) }),
    ...(conditional && { conditional: roundedConditional(conditional) }),
  };
}

function roundedQuality({ median, deviation, strangers, ...rest }: QualityReference): QualityReference {
  if (!strangers) return { ...rest, median: digits(median), deviation: digits(deviation) };
  return {
    ...rest,
    median: digits(median),
    deviation: digits(deviation),
    strangers: {
      // The elements of an embedding are about 0.1: the fourth decimal changes the similarity by less than 10⁻³.
      direction: strangers.direction.map((weight) => Number(weight.toFixed(4))),
      magnitude: digits(strangers.magnitude),
      contrast: digits(strangers.contrast),
      sharpness: digits(strangers.sharpness),
      ...(strangers.fineDetail !== undefined && { fineDetail: digits(strangers.fineDetail) }),
      ...(strangers.mediumDetail !== undefined && { mediumDetail: digits(strangers.mediumDetail) }),
      ...(strangers.coarseDetail !== undefined && { coarseDetail: digits(strangers.coarseDetail) }),
      ...(strangers.compressionArtifacts !== undefined && {
        compressionArtifacts: digits(strangers.compressionArtifacts),
      }),
      eyesVisible: digits(strangers.eyesVisible),
      mouthOcclusionPrevention: digits(strangers.mouthOcclusionPrevention),
      offset: digits(strangers.offset),
    },
  };
}

function roundedConditional({ reference, points, limit }: ConditionalCalibration): ConditionalCalibration {
  return {
    reference: { mean: digits(reference.mean), deviation: digits(reference.deviation) },
    points: points.map(({ similarity, mean, deviation, logOdds }) => ({
      similarity: digits(similarity),
      mean: digits(mean),
      deviation: digits(deviation),
      logOdds: roundedOdds(logOdds),
    })),
    limit: digits(limit),
  };
}

function roundedOdds([a, b]: Calibration['logOdds']): Calibration['logOdds'] {
  return [digits(a), digits(b)];
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}
