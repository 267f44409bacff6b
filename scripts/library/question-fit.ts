import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { logistic } from '../../lib/core/math.ts';
import { libraryTerm } from '../../lib/library/people/question-probability.ts';
import { type NamedFaces, StudyLibrary } from './people.ts';

const maxSteps = 5000;

/** A pair that can be asked about, with what its library adds to its log odds, and the answer. */
interface FittedPair {
  /** What the constants are multiplied by. */
  features: [number, number, number];
  offset: number;
  same: boolean;
}

/** The constants of `questionProbability`. */
export interface QuestionFit {
  /** The intercept, and the slopes of the log odds and of the logarithm of the number of distances. */
  constants: number[];
  pairs: number;
  /** How many of them are one person. */
  same: number;
}

/** Fits the probability of questions to the pairs of some mixtures of people, before the first answer. */
export async function fitQuestions(
  mixtures: readonly NamedFaces[],
  rule: ComparisonRule,
  far: number,
): Promise<QuestionFit> {
  const pairs: FittedPair[] = [];
  for (const mixture of mixtures) {
    const library = await StudyLibrary.grouped(mixture, rule, far);
    const compared = await library.compare();
    const { weight, offset } = libraryTerm(compared);
    const nameOf = (person: number) => library.majority(person, mixture.names);
    for (const { pair, logOdds, distances } of compared.pairs) {
      const features: FittedPair['features'] = [weight, logOdds, Math.log(distances)];
      pairs.push({ features, offset, same: nameOf(pair.a) === nameOf(pair.b) });
    }
  }
  return { constants: fitLogistic(pairs), pairs: pairs.length, same: pairs.filter(({ same }) => same).length };
}

/** Logistic regression by gradient descent with the curvature of each constant, which converges from any start. */
function fitLogistic(pairs: readonly FittedPair[]): number[] {
  const constants = [0, 1, 0];
  for (let step = 0; step < maxSteps; step++) {
    let change = 0;
    for (const i of constants.keys()) {
      let [gradient, curvature] = [0, 0];
      for (const { features, offset, same } of pairs) {
        const feature = features[i] as number;
        const probability = logistic(offset + features.reduce((sum, x, j) => sum + x * (constants[j] as number), 0));
        gradient += (Number(same) - probability) * feature;
        curvature += probability * (1 - probability) * feature * feature;
      }
      constants[i] = (constants[i] as number) + gradient / curvature;
      change = Math.max(change, Math.abs(gradient / curvature));
    }
    if (change < 1e-6) return constants;
  }
  throw new Error(`The regression has not converged in ${maxSteps} steps.`);
}
