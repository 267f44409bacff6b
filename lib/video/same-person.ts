import { type ComparisonRule, compareEmbeddings, type LabelledEmbedding } from '../comparison/compare.ts';

/**
 * Decides whether two faces are of the same person, at a false-accept rate; undefined if the photos of both are too poor to be compared,
 * which is evidence neither for nor against it.
 */
export type SamePerson = (a: LabelledEmbedding, b: LabelledEmbedding, far: number) => boolean | undefined;

/** Compares faces by the rule of an embedder, by the calibration for their quality if it is known. */
export function samePersonBy(rule: ComparisonRule): SamePerson {
  return (a, b, far) => {
    const { same, reason } = compareEmbeddings(a, b, rule, { far });
    return reason === 'quality' ? undefined : same;
  };
}
