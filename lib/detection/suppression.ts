import { intersectionOverUnion } from '../core/overlap.ts';
import type { Face, Keypoints, Point } from '../core/types.ts';

/** A detection before non-maximum suppression. */
export type Candidate = Pick<Face, 'box' | 'score' | 'keypoints'>;

/**
 * Non-maximum suppression: keeps the strongest of faces that overlap.
 *
 * @param overlaps whether two detections are of one face.
 * @param strength of a face. Default: its score.
 * @returns the faces kept, strongest first.
 */
export function suppress<F extends Candidate>(
  faces: readonly F[],
  overlaps: (a: F, b: F) => boolean,
  strength: (face: F) => number = ({ score }) => score,
): F[] {
  const kept: F[] = [];
  for (const face of [...faces].sort((a, b) => strength(b) - strength(a))) {
    if (!kept.some((stronger) => overlaps(stronger, face))) kept.push(face);
  }
  return kept;
}

/**
 * Weighted non-maximum suppression (BlazeFace paper, arXiv 1907.05047, section 4): keeps the strongest of candidates
 * that overlap, with the score-weighted mean of the boxes and keypoints of those that overlap it closely. MediaPipe's
 * NonMaxSuppressionCalculator uses one threshold for both, which merges two heads side by side into one between them.
 *
 * @param candidates all with the same keypoints, or all without.
 * @param suppressionThreshold candidates whose intersection over union with the strongest is larger are suppressed.
 * @param blendingThreshold candidates whose intersection over union with the strongest is larger contribute to the
 *   mean.
 * @returns the blended candidates, strongest first.
 */
export function blend<C extends Candidate>(
  candidates: readonly C[],
  suppressionThreshold: number,
  blendingThreshold: number,
): C[] {
  const blended: C[] = [];
  let rest = byScore(candidates);
  for (let strongest = rest[0]; strongest; strongest = rest[0]) {
    const { box } = strongest;
    const overlap = new Map(rest.map((face) => [face, face === strongest ? 1 : intersectionOverUnion(face.box, box)]));
    const above = (threshold: number) => rest.filter((face) => (overlap.get(face) as number) > threshold);
    blended.push({ ...strongest, ...weightedMean(above(blendingThreshold)) });
    const same = above(suppressionThreshold);
    rest = rest.filter((face) => !same.includes(face));
  }
  return blended;
}

/** A copy of the list, sorted by descending score. */
export function byScore<F extends Pick<Face, 'score'>>(faces: readonly F[]): F[] {
  return [...faces].sort((a, b) => b.score - a.score);
}

/** The box and the keypoints of a group, the strongest candidate first. */
function weightedMean(group: readonly Candidate[]): Pick<Face, 'box' | 'keypoints'> {
  const total = group.reduce((sum, face) => sum + face.score, 0);
  const mean = (of: (face: Candidate) => number) => group.reduce((sum, face) => sum + of(face) * face.score, 0) / total;
  const box = {
    x: mean((face) => face.box.x),
    y: mean((face) => face.box.y),
    width: mean((face) => face.box.width),
    height: mean((face) => face.box.height),
  };
  const names = Object.keys(group[0]?.keypoints ?? {}) as (keyof Keypoints)[];
  if (names.length === 0) return { box };
  const coordinate = (name: keyof Keypoints, axis: keyof Point) =>
    mean(({ keypoints }) => ((keypoints as Keypoints)[name] as Point)[axis]);
  const points = names.map((name) => [name, { x: coordinate(name, 'x'), y: coordinate(name, 'y') }]);
  return { box, keypoints: Object.fromEntries(points) as Keypoints };
}
