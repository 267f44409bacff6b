import { maxNeighbours, maxThreshold } from '../comparison/conditional.ts';
import { checkedNames } from '../core/checked-options.ts';
import { seeded, shuffled } from '../core/random.ts';
import type { ComparedFaces } from './compared-faces.ts';
import { pairJudge } from './judged-pairs.ts';
import { type MeasuredRate, measuredRate } from './measured-rate.ts';

/** The error rates of open-set identification in galleries of one size, with one photo of each person enrolled. */
export interface IdentificationErrors {
  /** The number of enrolled people. */
  size: number;
  /** The largest distance of a match; of faces that were compared with a calibration, that of a pair of unknown quality. */
  threshold: number;
  /** The false-positive identification rate (FPIR): the share of searches for people who are not enrolled that match somebody. */
  fpir: MeasuredRate;
  /**
   * The false-negative identification rate (FNIR): the share of searches for enrolled people that do not return them first
   * and within the threshold.
   */
  fnir: MeasuredRate;
}

/** What {@link identificationErrors} does. */
export interface IdentificationOptions {
  /** The numbers of people to enrol. Sizes that leave no unenrolled person to search for are left out. */
  sizes: readonly number[];
  /** The largest distance of a match in a gallery with a number of enrolled faces. */
  thresholdFor: (faces: number) => number;
  /** The number of random galleries of each size. @default 50 */
  galleries?: number;
}

/**
 * FNIR and FPIR by the size of a gallery. Each gallery enrols people drawn at random, people with a second photo first; that
 * photo is the search for them. Everybody else is searched with one photo. The random numbers are the same in every call.
 * (ISO/IEC 19795-1, open-set identification)
 *
 * @param compared the pairs, from {@link compareFaces}. If it was given a calibration, searches are judged as `identify` does.
 * @param options the sizes of the galleries, and the threshold for each size.
 * @returns the rates over all galleries. The intervals are the range of 95 % of the galleries, and the errors and trials
 *   those of one gallery on average, since galleries of the same people are not independent.
 * @throws {FaceNetError} `option-invalid` for an unknown option; any error of `thresholdFor`.
 *
 * @example
 * const thresholdFor = (faces: number) => operatingPoint(faces, facenet.rule.calibration, {}).threshold;
 * const [errors] = identificationErrors(compared, { sizes: [10], thresholdFor });
 * show(errors.fpir.rate, errors.fnir.rate);
 */
export function identificationErrors(compared: ComparedFaces, options: IdentificationOptions): IdentificationErrors[] {
  const {
    sizes,
    thresholdFor,
    galleries = 50,
  } = checkedNames(options, {
    ...{ sizes: true, thresholdFor: true, galleries: true },
  });
  const photosOf = Array.from({ length: compared.people }, (): number[] => []);
  for (const [i, person] of compared.personOf.entries()) photosOf[person]?.push(i);
  const random = seeded(1);
  return sizes
    .filter((size) => size >= 1 && size < compared.people)
    .map((size) => {
      const threshold = thresholdFor(size);
      const search = searcher(compared, threshold);
      const outcomes = Array.from({ length: galleries }, () =>
        searchAll(compared, drawGallery(photosOf, size, random), search),
      );
      return { size, threshold, fpir: overGalleries(outcomes, 'fpir'), fnir: overGalleries(outcomes, 'fnir') };
    });
}

/** The photos of a gallery, and those that are searched: of enrolled people (mated) and of others (non-mated). */
interface DrawnGallery {
  enrolled: number[];
  mated: number[];
  nonMated: number[];
}

function drawGallery(photosOf: readonly number[][], size: number, random: () => number): DrawnGallery {
  const people = shuffled(photosOf, random).map((own) => shuffled(own, random));
  const order = [...people.filter(({ length }) => length > 1), ...people.filter(({ length }) => length === 1)];
  const enrolled = order.slice(0, size);
  return {
    enrolled: enrolled.map(([first]) => first as number),
    mated: enrolled.flatMap(([, second]) => second ?? []),
    nonMated: order.slice(size).map(([first]) => first as number),
  };
}

/** Errors and trials of one gallery. */
type Outcome = Record<'fpir' | 'fnir', { errors: number; trials: number }>;

/** Finds the enrolled face that matches a probe, by their positions. */
type Search = (probe: number, enrolled: readonly number[]) => number | undefined;

/** The search of `identify`: of the nearest faces within the largest threshold, the first that matches at the threshold of its pair. */
function searcher(compared: ComparedFaces, threshold: number): Search {
  const { calibration, distance } = compared;
  const within = calibration ? maxThreshold(threshold, calibration) : threshold;
  const judge = pairJudge(compared, threshold);
  return (probe, enrolled) => {
    const near: { face: number; distance: number }[] = [];
    for (const face of enrolled) {
      const own = distance(probe, face);
      if (own <= within) near.push({ face, distance: own });
    }
    near.sort((x, y) => x.distance - y.distance);
    return near.slice(0, maxNeighbours).find((each) => judge(probe, each.face, each.distance).same)?.face;
  };
}

function searchAll({ personOf }: ComparedFaces, gallery: DrawnGallery, search: Search): Outcome {
  const found = (probe: number) => search(probe, gallery.enrolled);
  const personFound = (probe: number) => personOf[found(probe) ?? -1];
  const missed = gallery.mated.filter((probe) => personFound(probe) !== personOf[probe]).length;
  const matched = gallery.nonMated.filter((probe) => found(probe) !== undefined).length;
  return {
    fpir: { errors: matched, trials: gallery.nonMated.length },
    fnir: { errors: missed, trials: gallery.mated.length },
  };
}

function overGalleries(outcomes: readonly Outcome[], kind: 'fpir' | 'fnir'): MeasuredRate {
  const counts = outcomes.map((outcome) => outcome[kind]).filter(({ trials }) => trials > 0);
  const mean = (key: 'errors' | 'trials') => counts.reduce((sum, each) => sum + each[key], 0) / counts.length || 0;
  const rates = counts.map(({ errors, trials }) => errors / trials).sort((a, b) => a - b);
  const at = (share: number) => rates[Math.round(share * (rates.length - 1))] ?? Number.NaN;
  return measuredRate(mean('errors'), mean('trials'), { low: at(0.025), high: at(0.975) });
}
