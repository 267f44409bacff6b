import { type ComparedFaces, type FacePair, forEachImpostor, genuinePairs } from './compared-faces.ts';
import { type PairVerdict, pairJudge } from './judged-pairs.ts';
import { type MeasuredRate, measuredRate } from './measured-rate.ts';

/** A pair that is judged wrongly. */
export interface FailureCase {
  /** `false-non-match`: a genuine pair that does not match; `false-match`: an impostor pair that does. */
  kind: 'false-non-match' | 'false-match';
  /** The names of both photos, or of the people in them if the photos have none. */
  photos: [string, string];
  /** The distance of both faces, 0 or more. */
  distance: number;
  /** The largest distance of a match of two faces of this quality. */
  threshold: number;
  /** `quality`: the pair is refused, because both photos are too poor to be compared. */
  reason?: 'quality';
  /** The lower overall quality of both faces, 0 to 1; undefined if unknown. */
  quality: number | undefined;
}

/** FNMR of the genuine pairs whose poorer photo is of some quality. */
export interface QualityErrors {
  /** The lowest value in the group of the lower overall quality of both faces, 0 to 1. */
  from: number;
  /** The highest value. */
  to: number;
  /** FNMR. Its interval is not computed (NaN). */
  fnmr: MeasuredRate;
}

/**
 * The pairs that are judged wrongly at a threshold, the clearest errors first: those whose distance is farthest beyond the threshold of
 * genuine pairs, and farthest below that of impostor pairs.
 *
 * @param compared the pairs, from {@link compareFaces}. If it was given a calibration, they are judged as `compare` does.
 * @param threshold pairs at most this far apart match; with a calibration, pairs of unknown quality.
 * @param limit the maximum number of cases of each kind.
 *
 * @example
 * for (const { kind, photos, distance } of failureCases(compared, 0.62, 10)) show(kind, photos, distance);
 */
export function failureCases(compared: ComparedFaces, threshold: number, limit: number): FailureCase[] {
  const judge = pairJudge(compared, threshold);
  const missed = genuinePairs(compared)
    .map((pair) => ({ ...pair, ...judge(pair.a, pair.b, pair.distance) }))
    .filter(({ same }) => !same);
  const matched: JudgedPair[] = [];
  forEachImpostor(compared, (distance, a, b) => {
    const verdict = judge(a, b, distance);
    if (verdict.same) matched.push({ a, b, distance, ...verdict });
  });
  const beyond = (pair: JudgedPair) => pair.distance - pair.threshold;
  missed.sort((x, y) => beyond(y) - beyond(x));
  matched.sort((x, y) => beyond(x) - beyond(y));
  const describe = (kind: FailureCase['kind'], pairs: readonly JudgedPair[]) =>
    pairs.slice(0, limit).map(({ a, b, distance, threshold: own, reason }): FailureCase => {
      const photos: [string, string] = [nameOf(compared, a), nameOf(compared, b)];
      const quality = lowerQuality(compared, a, b);
      return { kind, photos, distance, threshold: own, ...(reason && { reason }), quality };
    });
  return [...describe('false-non-match', missed), ...describe('false-match', matched)];
}

/** A pair of faces by their positions, with what was decided on it. */
type JudgedPair = FacePair & PairVerdict;

/**
 * FNMR by quality: genuine pairs are divided by the lower quality of both faces into groups of equal size.
 *
 * @param compared the pairs, from {@link compareFaces}. If it was given a calibration, they are judged as `compare` does.
 * @param threshold pairs at most this far apart match; with a calibration, pairs of unknown quality.
 * @param groups the number of groups. Default: 4.
 * @returns the groups by ascending quality; empty if no pair has a quality.
 *
 * @example
 * for (const { from, to, fnmr } of errorsByQuality(compared, 0.62)) show(from, to, fnmr.rate);
 */
export function errorsByQuality(compared: ComparedFaces, threshold: number, groups = 4): QualityErrors[] {
  const judge = pairJudge(compared, threshold);
  const rated = genuinePairs(compared)
    .flatMap(({ a, b, distance }) => {
      const quality = lowerQuality(compared, a, b);
      return quality === undefined ? [] : [{ quality, missed: !judge(a, b, distance).same }];
    })
    .sort((x, y) => x.quality - y.quality);
  return Array.from({ length: groups }, (_, i) =>
    rated.slice(Math.round((i * rated.length) / groups), Math.round(((i + 1) * rated.length) / groups)),
  )
    .filter((group) => group.length > 0)
    .map((group) => {
      const errors = group.filter(({ missed }) => missed).length;
      const fnmr = measuredRate(errors, group.length, { low: Number.NaN, high: Number.NaN });
      return { from: group[0]?.quality as number, to: group.at(-1)?.quality as number, fnmr };
    });
}

function nameOf({ faces }: ComparedFaces, position: number): string {
  const { photo, person } = faces[position] as ComparedFaces['faces'][0];
  return photo ?? person;
}

function lowerQuality({ faces }: ComparedFaces, a: number, b: number): number | undefined {
  const [x, y] = [faces[a]?.quality?.overall, faces[b]?.quality?.overall];
  return x === undefined || y === undefined ? undefined : Math.min(x, y);
}
