import { probabilityAt, thresholdFor } from '../comparison/calibration.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Calibration } from '../core/types.ts';
import type { Neighbour, VectorIndex } from './search/vector-index.ts';
import type { Identification, IdentifyOptions, OperatingPoint } from './types.ts';

/** The most templates that are looked at to name candidates. */
const deepest = 50;

/**
 * The false-positive identification rate of a gallery: the probability that a stranger is within the threshold of at least
 * one of N templates, 1 − (1 − FAR)^N, when comparisons err independently of each other. Templates of one person err
 * together, so that the true rate is below it. (ISO/IEC 19795-1; Grother and Phillips, "Models of Large Population
 * Recognition Performance", CVPR 2004)
 *
 * @param far the false-accept rate of one comparison, 0 to 1.
 * @param templates N, 0 or more.
 */
export function fpirAt(far: number, templates: number): number {
  // By logarithms, since 1 − far is 1 for rates below the precision of numbers near 1.
  return -Math.expm1(templates * Math.log1p(-far));
}

/** The inverse of {@link fpirAt}: the false-accept rate of one comparison that gives N of them this FPIR. */
export function farFor(fpir: number, templates: number): number {
  return templates === 0 ? 1 : -Math.expm1(Math.log1p(-fpir) / templates);
}

/**
 * The threshold for a search of N templates.
 *
 * @throws {FaceNetError} `option-invalid` when both rates are given, or one that the calibration was not fitted for.
 */
export function operatingPoint(
  templates: number,
  calibration: Calibration,
  { far, fpir }: IdentifyOptions,
): OperatingPoint {
  if (far !== undefined && fpir !== undefined) {
    throw new FaceNetError('option-invalid', 'far and fpir are both given: give one, the other follows from it.');
  }
  if (fpir !== undefined && !(fpir > 0 && fpir < 1)) {
    throw new FaceNetError('option-invalid', `fpir is ${fpir}: use a number between 0 and 1.`);
  }
  const decided = far ?? farWithin(templates, calibration, fpir);
  return { far: decided, fpir: fpirAt(decided, templates), templates, threshold: thresholdFor(decided, calibration) };
}

function farWithin(templates: number, { thresholds }: Calibration, fpir: number | undefined): number {
  const [most = 0, least = 0] = [thresholds[0]?.far, thresholds.at(-1)?.far];
  const wanted = farFor(fpir ?? 0.01, templates);
  if (fpir !== undefined && wanted < least) {
    throw new FaceNetError(
      'option-invalid',
      `fpir is ${fpir}, but with ${templates} templates the calibration can tell no less than ${fpirAt(least, templates).toPrecision(2)}: ask for that, or keep fewer templates.`,
    );
  }
  return Math.min(most, Math.max(least, wanted));
}

/** A candidate of a search in an index alone, which knows people by their ids. */
export interface IndexCandidate {
  /** The person's id. */
  person: string;
  /** The id of the person's nearest template. */
  template: string;
  /** The distance to that template. */
  distance: number;
  /** The probability that the two are of one person at even prior, 0 to 1. */
  probability: number;
}

/**
 * Open-set identification in any index: the people with a template within the threshold, nearest first, or nobody.
 *
 * @param probe the embedding of the face in question.
 * @param rule the calibration of the model that made all the embeddings, `facenet.rule`.
 * @throws {FaceNetError} `option-invalid` for a rate that the calibration was not fitted for.
 */
export async function identifyIn(
  index: VectorIndex,
  probe: Float32Array,
  { calibration }: { calibration: Calibration },
  options: IdentifyOptions = {},
): Promise<Identification<IndexCandidate>> {
  const { limit = 5, signal } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > deepest) {
    throw new FaceNetError('option-invalid', `limit is ${limit}: use a whole number from 1 to ${deepest}.`);
  }
  const point = operatingPoint(await index.size, calibration, options);
  const found = await index.search(probe, { limit: deepest, within: point.threshold, signal });
  const candidates = nearestOfEach(found)
    .slice(0, limit)
    .map(({ id, person, distance }) => ({
      person,
      template: id,
      distance,
      probability: probabilityAt(distance, calibration),
    }));
  return { ...point, match: candidates[0], candidates };
}

/** The first neighbour of each person, in the order of the neighbours. */
function nearestOfEach(neighbours: readonly Neighbour[]): Neighbour[] {
  const seen = new Set<string>();
  return neighbours.filter(({ person }) => !seen.has(person) && seen.add(person));
}
