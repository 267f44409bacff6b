import * as v from 'valibot';
import type { Calibration, ConditionalCalibration, QualityReference } from './types.ts';

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(v.number(), v.minValue(Number.MIN_VALUE), v.finite());
const logOdds = v.strictTuple([finite, finite]);

const point = v.object({ similarity: finite, mean: finite, deviation: positive, logOdds });

/** The schema of a {@link ConditionalCalibration} in JSON. */
export const conditionalSchema: v.GenericSchema<unknown, ConditionalCalibration> = v.object({
  reference: v.object({ mean: finite, deviation: positive }),
  points: v.pipe(
    v.array(point),
    v.minLength(2),
    v.check((points) => isAscending(points.map(({ similarity }) => similarity)), 'the similarities must ascend'),
    v.check((points) => isAscending(points.map(({ mean }) => -mean)), 'the means must descend'),
    v.check((points) => points.every(({ logOdds: [, b] }) => b < 0), 'the probability must fall with the distance'),
  ),
  limit: finite,
  strangerModel: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
});

const quality: v.GenericSchema<unknown, QualityReference> = v.object({
  measure: v.picklist(['magnitude', 'spread']),
  median: v.number(),
  deviation: positive,
  strangers: v.exactOptional(
    v.object({
      direction: v.pipe(v.array(finite), v.minLength(1)),
      magnitude: finite,
      contrast: finite,
      sharpness: finite,
      fineDetail: v.exactOptional(finite),
      mediumDetail: v.exactOptional(finite),
      coarseDetail: v.exactOptional(finite),
      compressionArtifacts: v.exactOptional(finite),
      eyesVisible: finite,
      mouthOcclusionPrevention: finite,
      offset: finite,
    }),
  ),
});

/** A check of {@link hasDescendingThresholds}, for schemas with the thresholds of a calibration. */
export const descendingThresholds = v.check(
  hasDescendingThresholds,
  'the conditional thresholds must descend with the similarity',
);

/** The schema of a {@link Calibration} in JSON. */
export const calibrationSchema: v.GenericSchema<unknown, Calibration> = v.pipe(
  v.object({
    logOdds: v.strictTuple([v.number(), v.number()]),
    thresholds: v.pipe(v.array(v.object({ far: positive, distance: v.number() })), v.minLength(1)),
    quality: v.exactOptional(quality),
    conditional: v.exactOptional(conditionalSchema),
  }),
  descendingThresholds,
);

/** Whether poorer photos never have a larger threshold. It is linear in the plain threshold, so its ends decide. */
function hasDescendingThresholds({ thresholds, conditional }: Calibration): boolean {
  if (!conditional) return true;
  const { reference, points } = conditional;
  const ends = [thresholds[0], thresholds.at(-1)].map((end) => (end?.distance ?? 0) - reference.mean);
  return ends.every((end) =>
    isDescending(points.map(({ mean, deviation }) => mean + (end * deviation) / reference.deviation)),
  );
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > (values[i - 1] as number));
}

function isDescending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value <= (values[i - 1] as number));
}
