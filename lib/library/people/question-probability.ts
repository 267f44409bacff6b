import { logistic } from '../../core/math.ts';

/** Fitted by `npm run library -- --only question-fit` to folds 1 and 2 of LFW's View 2 (docs/library.md). */
const [intercept, slope, comparisonsSlope] = [-5.23, 1.13, -0.59];

/** Added to the joins, so that a library whose grouping has joined few faces is not taken for one without people to join. */
const priorJoins = 20;

/** Of fewer near pairs than this the library tells nothing about the share of those that are one person. */
const uninformativePairs = 5;

/** What the library tells about the share of near pairs that are one person. */
export interface NearPairCounts {
  /** The number of pairs of people whose faces are at least as probable among photos of one person as among strangers. */
  near: number;
  /** The faces less the people: how many faces grouping has joined to others. */
  joins: number;
}

/**
 * The term of the log odds that a library adds for all of its pairs. Strangers who are near each other become more with the square of the
 * people, which their number shows. The parts of one person that grouping left apart become more with those that it joined. Their number
 * cannot be estimated from the distances of the pairs: it is a small part of them, and less than the error of any model of the strangers.
 */
export function libraryTerm({ near, joins }: NearPairCounts): { weight: number; offset: number } {
  const weight = Math.max(0, 1 - uninformativePairs / near);
  return { weight, offset: weight * Math.log((joins + priorJoins) / Math.max(1, near)) };
}

/** Two people as their faces were compared. */
export interface Comparison {
  /** The log odds of the mean distance of their faces, by the calibration. */
  logOdds: number;
  /** The number of distances. The more faces two people have, the rarer grouping leaves them apart if they are one. */
  distances: number;
}

/** The probability that two people of a library are one. */
export function questionProbability({ logOdds, distances }: Comparison, counts: NearPairCounts): number {
  const { weight, offset } = libraryTerm(counts);
  return logistic(weight * intercept + slope * logOdds + comparisonsSlope * Math.log(distances) + offset);
}
