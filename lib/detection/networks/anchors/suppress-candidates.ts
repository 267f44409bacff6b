import { intersectionOverUnion } from '../../../core/overlap.ts';
import type { Suppression } from '../../../models/manifest.ts';
import { blend, byScore, type Candidate, suppress } from '../../suppression.ts';

/** The maximum number of candidates in one image, the strongest: OpenCV's default. Suppression compares all pairs of them. */
const maxCandidates = 5000;

/** Non-maximum suppression as the manifest names it. @returns the candidates kept, strongest first. */
export function suppressCandidates(candidates: readonly Candidate[], { method, maxOverlap }: Suppression): Candidate[] {
  const strongest = byScore(candidates).slice(0, maxCandidates);
  if (method === 'weighted') return blend(strongest, maxOverlap, maxOverlap);
  return suppress(strongest, (a, b) => intersectionOverUnion(a.box, b.box) > maxOverlap);
}
