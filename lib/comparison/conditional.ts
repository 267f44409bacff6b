import { logistic } from '../core/math.ts';
import type { Calibration, ConditionalCalibration, ConditionalPoint, Quality } from '../core/types.ts';
import { probabilityAt } from './calibration.ts';

/** A face as far as the calibration of its pairs depends on it. */
export interface RatedFace {
  /** The face's quality, as `embed()` returns it. */
  quality?: Partial<Pick<Quality, 'overall' | 'strangerSimilarity' | 'strangerModel'>> | undefined;
}

/** The result of judging a distance. */
export interface Judgement {
  /** Whether both are considered the same person: `distance <= threshold`, and the photos are good enough to be compared. */
  same: boolean;
  /** The probability that both are the same person, 0 to 1, at even prior. */
  probability: number;
  /** The largest distance at which two faces of this quality are considered the same person. */
  threshold: number;
  /**
   * `quality`: the calibration for photos of this quality. `distance`: that of all pairs, because the calibration has none for the quality
   * of photos, or the quality of one of the faces is unknown, or measured by another preset or release.
   */
  basis: 'quality' | 'distance';
  /** `quality`: both photos are too poor to be compared. */
  reason?: 'quality';
}

/**
 * Judges a distance by a calibration.
 *
 * @param plain the threshold for pairs of unknown quality.
 * @param similarity {@link pairSimilarity} of both faces.
 */
export function judge(
  distance: number,
  plain: number,
  similarity: number | undefined,
  calibration: Calibration,
): Judgement {
  return judgeOf(plain, similarity, calibration)(distance);
}

/** {@link judge} for many pairs of one similarity. */
export function judgeOf(
  plain: number,
  similarity: number | undefined,
  calibration: Calibration,
): (distance: number) => Judgement {
  const { conditional } = calibration;
  if (!conditional || similarity === undefined) {
    return (distance) => ({
      same: distance <= plain,
      probability: probabilityAt(distance, calibration),
      threshold: plain,
      basis: 'distance',
    });
  }
  const point = pointAt(similarity, conditional);
  const [intercept, slope] = point.logOdds;
  const threshold = thresholdAt(point, plain, conditional);
  const isTooPoor = similarity > conditional.limit;
  return (distance) => ({
    same: !isTooPoor && distance <= threshold,
    probability: logistic(intercept + slope * distance),
    threshold,
    basis: 'quality',
    ...(isTooPoor && { reason: 'quality' }),
  });
}

/** The number of nearest enrolled faces that a search in a gallery judges. */
export const maxNeighbours = 50;

/** The largest threshold of any pair: that of the clearest ones. @param plain the threshold for pairs of unknown quality. */
export function maxThreshold(plain: number, { conditional }: Calibration): number {
  if (!conditional) return plain;
  return Math.max(plain, thresholdAt(conditional.points[0] as ConditionalPoint, plain, conditional));
}

/** The distance that is as rare among strangers of a point as the plain threshold is among all. */
function thresholdAt(
  { mean, deviation }: ConditionalPoint,
  plain: number,
  { reference }: ConditionalCalibration,
): number {
  return mean + ((plain - reference.mean) * deviation) / reference.deviation;
}

/**
 * The similarity that a pair is judged by: that of its clearer face. Strangers resemble each other only if both photos are poor.
 *
 * @returns undefined if it is not known of both.
 */
export function pairSimilarity(a: RatedFace, b: RatedFace, calibration: Calibration): number | undefined {
  const [x, y] = [strangerSimilarityOf(a, calibration), strangerSimilarityOf(b, calibration)];
  return x === undefined || y === undefined ? undefined : Math.min(x, y);
}

/**
 * The face's {@link Quality.strangerSimilarity}; undefined if it is unknown, or of another model than the calibration's: then its scale
 * differs from that of the calibration's points and limit.
 */
export function strangerSimilarityOf(face: RatedFace, { conditional }: Calibration): number | undefined {
  const { strangerSimilarity, strangerModel } = strangerRating(face);
  return strangerModel === conditional?.strangerModel ? strangerSimilarity : undefined;
}

/**
 * What is stored of a face, so that a later comparison can use its similarity: the similarity, and the model that computed it. Neither if
 * one is missing or invalid.
 */
export function strangerRating({ quality }: RatedFace): Pick<Quality, 'strangerSimilarity' | 'strangerModel'> {
  const { strangerSimilarity, strangerModel } = quality ?? {};
  const isKnown = Number.isFinite(strangerSimilarity) && typeof strangerModel === 'string' && strangerModel !== '';
  return isKnown ? { strangerSimilarity: strangerSimilarity as number, strangerModel } : {};
}

/** The calibration at a similarity: interpolated between its points, constant beyond them. */
function pointAt(similarity: number, { points }: ConditionalCalibration): ConditionalPoint {
  const after = points.findIndex((point) => point.similarity > similarity);
  const last = points.at(-1) as ConditionalPoint;
  const b = after < 0 ? last : (points[after] as ConditionalPoint);
  const a = points[after < 0 ? points.length - 1 : after - 1] ?? b;
  const share = a === b ? 0 : (similarity - a.similarity) / (b.similarity - a.similarity);
  const between = (x: number, y: number) => x + share * (y - x);
  return {
    similarity,
    mean: between(a.mean, b.mean),
    deviation: between(a.deviation, b.deviation),
    logOdds: [between(a.logOdds[0], b.logOdds[0]), between(a.logOdds[1], b.logOdds[1])],
  };
}
