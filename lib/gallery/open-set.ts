import { thresholdFor } from '../comparison/calibration.ts';
import type { Verdict } from '../comparison/compare.ts';
import { judge, maxNeighbours, maxThreshold } from '../comparison/conditional.ts';
import { checkedOptions, type OptionNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Calibration } from '../core/types.ts';
import type { VectorIndex } from './search/vector-index.ts';
import type { Identification, IdentifyOptions, OperatingPoint } from './types.ts';

/** The names of {@link IdentifyOptions}. */
export const identifyOptionNames: OptionNames<IdentifyOptions> = {
  ...{ far: true, fpir: true, limit: true, background: true },
};

/**
 * The false-positive identification rate (FPIR) of a gallery: the probability that an unknown person is within the
 * threshold of at least one of N enrolled faces. 1 − (1 − FAR)^N assumes independent errors; the errors of one person's
 * enrolled faces are correlated, so the true rate is lower. (ISO/IEC 19795-1; Grother and Phillips, "Models of Large
 * Population Recognition Performance", CVPR 2004)
 *
 * @param far the false-accept rate of one comparison, 0 to 1.
 * @param faces N, 0 or more.
 * @returns the rate, 0 to 1.
 *
 * @example
 * console.log(fpirAt(1e-5, 1000)); // 0.00995: one stranger in a hundred matches somebody
 */
export function fpirAt(far: number, faces: number): number {
  // In logarithms, because 1 − far rounds to 1 for very small rates.
  return -Math.expm1(faces * Math.log1p(-far));
}

/**
 * The inverse of {@link fpirAt}: the false-accept rate of one comparison at which N enrolled faces have this FPIR.
 *
 * @param fpir the false-positive identification rate, 0 to 1.
 * @param faces N, 0 or more.
 * @returns the rate, 0 to 1; 1 without faces.
 *
 * @example
 * console.log(farFor(0.01, 1000)); // 0.00001005
 */
export function farFor(fpir: number, faces: number): number {
  return faces === 0 ? 1 : -Math.expm1(Math.log1p(-fpir) / faces);
}

/**
 * The threshold and the error rates of a search of N enrolled faces.
 *
 * @param faces N, 0 or more.
 * @param calibration of the model that made the embeddings, as `facenet.rule.calibration`.
 * @param options `far` or `fpir`, 0 to 1. Default: an `fpir` of 0.01, or the lowest one that the calibration covers.
 * @throws {FaceNetError} `option-invalid` if both rates are given, or one outside the range of the calibration.
 *
 * @example
 * const { threshold, far } = operatingPoint(5000, facenet.rule.calibration, { fpir: 0.05 });
 * show(threshold, far);
 */
export function operatingPoint(faces: number, calibration: Calibration, options: IdentifyOptions): OperatingPoint {
  const { far, fpir } = checkedOptions(options, identifyOptionNames);
  if (far !== undefined && fpir !== undefined) {
    throw new FaceNetError('option-invalid', 'far and fpir are both given: pass one, the other follows from it.');
  }
  if (fpir !== undefined && !(fpir > 0 && fpir < 1)) {
    throw new FaceNetError('option-invalid', `fpir is ${fpir}: use a number greater than 0 and less than 1.`);
  }
  const chosen = far ?? calibratedFar(faces, calibration, fpir);
  return { far: chosen, fpir: fpirAt(chosen, faces), faces, threshold: thresholdFor(chosen, calibration) };
}

/**
 * The false-accept rate for an FPIR. The default FPIR is clamped to the range of the calibration; a given one is not.
 */
function calibratedFar(faces: number, { thresholds }: Calibration, fpir: number | undefined): number {
  const [max = 0, min = 0] = [thresholds[0]?.far, thresholds.at(-1)?.far];
  const far = farFor(fpir ?? 0.01, faces);
  if (fpir !== undefined && far < min) {
    throw new FaceNetError(
      'option-invalid',
      `fpir is ${fpir}, but the calibration covers no less than ${fpirAt(min, faces).toPrecision(2)} with ${faces} enrolled faces: use at least that, or fewer enrolled faces.`,
    );
  }
  return Math.min(max, Math.max(min, far));
}

/** A candidate of a search in a {@link VectorIndex}, which knows only the ids of people. */
export interface IndexCandidate {
  /** The person's id. */
  person: string;
  /** The id of the person's nearest enrolled face. */
  face: string;
  /** The distance to that enrolled face. */
  distance: number;
  /** The probability that both are the same person at even prior, 0 to 1. */
  probability: number;
  /** The largest distance of a match of two faces of this quality. */
  threshold: number;
  /** Whether the quality of both faces decided, as `compare` returns it. */
  basis: Verdict['basis'];
}

/**
 * Open-set identification in any index: the people with an enrolled face within the threshold, nearest first, or no match.
 *
 * @param index the enrolled faces to search.
 * @param probe the embedding of the face to identify, rotated if those in the index are.
 * @param rule the calibration of the model that made all embeddings, usually `facenet.rule`.
 * @param options one of the rates `far` and `fpir`, the maximum number of candidates, and a signal that cancels the call.
 * @throws {FaceNetError} `option-invalid` for a rate outside the range of the calibration.
 *
 * @example
 * const index = new ExactIndex(facenet.rule.dimension, facenet.rule.metric);
 * await index.add([{ id: crypto.randomUUID(), person: ada, embedding: face.embedding }]);
 * const { match } = await identifyIn(index, probe.embedding, facenet.rule, { fpir: 0.01 });
 * show(match?.person);
 */
export async function identifyIn(
  index: VectorIndex,
  probe: Float32Array,
  rule: { calibration: Calibration },
  options: IdentifyOptions = {},
): Promise<Identification<IndexCandidate>> {
  const checked = checkedOptions(options, identifyOptionNames);
  return identifyRated(index, { embedding: probe, similarityTo: () => undefined }, rule, checked);
}

/** A probe whose pairs with enrolled faces are judged by the quality of both. */
export interface RatedProbe {
  embedding: Float32Array;
  /** The {@link pairSimilarity} of the probe and an enrolled face, by its id. */
  similarityTo: (face: string) => number | undefined;
}

/** {@link identifyIn} that judges each enrolled face found by the quality of both faces, if it is known. */
export async function identifyRated(
  index: VectorIndex,
  { embedding, similarityTo }: RatedProbe,
  { calibration }: { calibration: Calibration },
  options: IdentifyOptions,
): Promise<Identification<IndexCandidate>> {
  const { limit = 5, signal } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxNeighbours) {
    throw new FaceNetError('option-invalid', `limit is ${limit}: use a whole number from 1 to ${maxNeighbours}.`);
  }
  const point = operatingPoint(await index.size, calibration, options);
  const within = maxThreshold(point.threshold, calibration);
  const found = await index.search(embedding, { limit: maxNeighbours, within, signal });
  const judged = found.map(({ id, person, distance }) => {
    const { same, reason, ...rest } = judge(distance, point.threshold, similarityTo(id), calibration);
    return { same, reason, candidate: { person, face: id, distance, ...rest } };
  });
  const accepted = judged.flatMap(({ same, candidate }) => (same ? [candidate] : []));
  const candidates = nearestPerPerson(accepted).slice(0, limit);
  const [match] = candidates;
  const tooPoor = ({ reason, candidate }: (typeof judged)[number]) =>
    reason === 'quality' && candidate.distance <= candidate.threshold;
  return { ...point, match, ...(!match && judged.some(tooPoor) && { reason: 'quality' as const }), candidates };
}

/** The nearest enrolled face of each person, nearest first. */
function nearestPerPerson(candidates: readonly IndexCandidate[]): IndexCandidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ person }) => !seen.has(person) && seen.add(person));
}
