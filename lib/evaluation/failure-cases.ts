import { type ComparedFaces, type FacePair, forEachImpostor, genuinePairs } from './compared-faces.ts';
import { type MeasuredRate, measuredRate } from './measured-rate.ts';

/** A pair that is judged wrongly. */
export interface FailureCase {
  /** `false-non-match`: a genuine pair that does not match; `false-match`: an impostor pair that does. */
  kind: 'false-non-match' | 'false-match';
  /** The names of both photos, or of the people in them if the photos have none. */
  photos: [string, string];
  /** The distance of both faces, 0 or more. */
  distance: number;
  /** The lower quality of both faces, 0 to 1; undefined if unknown. */
  quality: number | undefined;
}

/** FNMR of the genuine pairs whose poorer photo is of some quality. */
export interface QualityErrors {
  /** The lowest value in the group of the lower quality of both faces, 0 to 1. */
  from: number;
  /** The highest value. */
  to: number;
  /** FNMR. Its interval is not computed (NaN). */
  fnmr: MeasuredRate;
}

/**
 * The pairs that are judged wrongly at a threshold, the clearest errors first: genuine pairs by descending, impostor pairs by
 * ascending distance.
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param threshold pairs at most this far apart match.
 * @param limit the maximum number of cases of each kind.
 *
 * @example
 * for (const { kind, photos, distance } of failureCases(compared, 0.62, 10)) show(kind, photos, distance);
 */
export function failureCases(compared: ComparedFaces, threshold: number, limit: number): FailureCase[] {
  const missed = genuinePairs(compared)
    .filter(({ distance }) => distance > threshold)
    .sort((x, y) => y.distance - x.distance);
  const matched: FacePair[] = [];
  forEachImpostor(compared, (distance, a, b) => {
    if (distance <= threshold) matched.push({ a, b, distance });
  });
  matched.sort((x, y) => x.distance - y.distance);
  const describe = (kind: FailureCase['kind'], pairs: readonly FacePair[]) =>
    pairs.slice(0, limit).map(({ a, b, distance }): FailureCase => {
      const photos: [string, string] = [nameOf(compared, a), nameOf(compared, b)];
      return { kind, photos, distance, quality: lowerQuality(compared, a, b) };
    });
  return [...describe('false-non-match', missed), ...describe('false-match', matched)];
}

/**
 * FNMR by quality: genuine pairs are divided by the lower quality of both faces into groups of equal size.
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param threshold pairs at most this far apart match.
 * @param groups the number of groups. Default: 4.
 * @returns the groups by ascending quality; empty if no pair has a quality.
 *
 * @example
 * for (const { from, to, fnmr } of errorsByQuality(compared, 0.62)) show(from, to, fnmr.rate);
 */
export function errorsByQuality(compared: ComparedFaces, threshold: number, groups = 4): QualityErrors[] {
  const rated = genuinePairs(compared)
    .flatMap(({ a, b, distance }) => {
      const quality = lowerQuality(compared, a, b);
      return quality === undefined ? [] : [{ quality, distance }];
    })
    .sort((x, y) => x.quality - y.quality);
  return Array.from({ length: groups }, (_, i) =>
    rated.slice(Math.round((i * rated.length) / groups), Math.round(((i + 1) * rated.length) / groups)),
  )
    .filter((group) => group.length > 0)
    .map((group) => {
      const errors = group.filter(({ distance }) => distance > threshold).length;
      const fnmr = measuredRate(errors, group.length, { low: Number.NaN, high: Number.NaN });
      return { from: group[0]?.quality as number, to: group.at(-1)?.quality as number, fnmr };
    });
}

function nameOf({ faces }: ComparedFaces, position: number): string {
  const { photo, person } = faces[position] as ComparedFaces['faces'][0];
  return photo ?? person;
}

function lowerQuality({ faces }: ComparedFaces, a: number, b: number): number | undefined {
  const [x, y] = [faces[a]?.quality, faces[b]?.quality];
  return x === undefined || y === undefined ? undefined : Math.min(x, y);
}
