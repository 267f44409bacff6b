import type { FoldedPair } from '../../lib/evaluation/index.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import type { ImageResult } from '../kit/lfw/embed-images.ts';
import type { ComparedPair } from '../kit/lfw/summary.ts';
import { ratedPairs } from './conditional.ts';
import { type HeldOutPart, verdictsOf } from './degraded.ts';
import type { PersonFace } from './strangers.ts';

/** The VAL of listed genuine pairs at 0.1 %, each judged by a calibration that was fitted to other people. Fractions. */
export interface GenuineReport {
  pairs: number;
  plain: number;
  conditional: number;
}

/** A genuine pair of unaltered photos. */
export type GenuinePair = readonly [a: PersonFace, b: PersonFace];

/** The listed genuine pairs with both faces found. */
export function genuinePairs(
  listed: readonly (ComparedPair & FoldedPair)[],
  results: ReadonlyMap<string, ImageResult>,
): GenuinePair[] {
  const faceOf = (path: string): PersonFace | undefined => {
    const { embedding, quality } = results.get(path) ?? {};
    if (!embedding || !quality) return undefined;
    return { person: personOf(path), embedding: Float32Array.from(embedding), quality };
  };
  return listed.flatMap(({ same, a, b }) => {
    const [x, y] = [faceOf(a), faceOf(b)];
    return same && x && y ? [[x, y] as const] : [];
  });
}

/** Measures what the calibration by quality costs unaltered photos. @param parts of `heldOutParts()`. */
export function heldOutGenuine(
  pairs: readonly GenuinePair[],
  parts: readonly HeldOutPart[],
  distance: Distance,
): GenuineReport {
  const judged = parts.flatMap(({ people, strangers, calibration }) => {
    const held = pairs.filter(([{ person }]) => people.has(person));
    return held.flatMap((pair) => ratedPairs(pair, strangers, distance)).map((pair) => verdictsOf(pair, calibration));
  });
  const val = (by: 'plain' | 'conditional') => judged.filter((each) => each[by]['1e-3']).length / judged.length;
  return { pairs: judged.length, plain: val('plain'), conditional: val('conditional') };
}
