import { thresholdFor } from '../../comparison/calibration.ts';
import type { ComparisonRule } from '../../comparison/compare.ts';
import { distances } from '../../comparison/distance.ts';
import { intersectionOverUnion } from '../../core/overlap.ts';
import type { Box } from '../../core/types.ts';
import { isEmbeddedBy } from '../storage/embedder.ts';
import type { FaceRow } from '../storage/tables.ts';
import type { Successors } from './undo.ts';

/** Boxes that overlap by more than this, as intersection over union, are at the same place. */
const minOverlap = 0.5;

/** Embeddings whose distance is above the threshold of this false-accept rate are of different people. */
const strangerFar = 1e-2;

/** The faces of a photo. */
export interface FacesOfPhoto {
  /** The size of the photo in pixels. */
  width: number;
  height: number;
  faces: readonly FaceRow[];
}

/** How the faces of two photos are compared. */
export interface SuccessionRule {
  rule: ComparisonRule;
  /** The number of the embedder whose embeddings the rule is for. */
  generation: number;
  /** The distance within which two faces are of one person. */
  within: number;
  /**
   * Whether faces at one place may be the same although their embeddings are too far apart for that, or cannot be compared. Not if the
   * photos may be unrelated.
   */
  placeSuffices: boolean;
}

/** How well two faces match. */
interface Match {
  /** 0: they look alike and are at the same place; 1: they look alike; 2: they are at the same place. */
  rank: number;
  /** How much they differ, to compare matches of one rank. */
  difference: number;
}

/**
 * Finds the face of a new photo that each face of the photo before has become. A face has at most one successor, and succeeds one.
 *
 * @param comparison how embeddings are compared, if the photos have different bytes: the photo may have been cut, scaled or turned, or
 *   show someone else at the same place. Without it, faces at the same places are the same.
 */
export function successorsOf(old: FacesOfPhoto, present: FacesOfPhoto, comparison?: SuccessionRule): Successors {
  const matches = old.faces.flatMap((from) =>
    present.faces.flatMap((to) => {
      const overlap = intersectionOverUnion(relativeBox(from.box, old), relativeBox(to.box, present));
      const match = matchOf(overlap, comparison && distanceOf(from, to, comparison), comparison);
      return match ? [{ from: from.number, to: to.number, ...match }] : [];
    }),
  );
  matches.sort((a, b) => a.rank - b.rank || a.difference - b.difference);
  const successors = new Map<number, number | undefined>();
  const taken = new Set<number>();
  for (const { from, to } of matches) {
    if (successors.has(from) || taken.has(to)) continue;
    successors.set(from, to);
    taken.add(to);
  }
  for (const { number } of old.faces) if (!successors.has(number)) successors.set(number, undefined);
  return successors;
}

/** How two faces match; undefined if they do not. @param distance undefined if their embeddings cannot be compared. */
function matchOf(
  overlap: number,
  distance: number | undefined,
  comparison: SuccessionRule | undefined,
): Match | undefined {
  const isSamePlace = overlap > minOverlap;
  if (comparison && distance !== undefined) {
    if (distance <= comparison.within) return { rank: isSamePlace ? 0 : 1, difference: distance };
    if (distance > thresholdFor(strangerFar, comparison.rule.calibration)) return undefined;
  }
  if (comparison && !comparison.placeSuffices) return undefined;
  return isSamePlace ? { rank: 2, difference: 1 - overlap } : undefined;
}

/** The distance of two faces; undefined if one has no embedding of the rule's embedder. */
function distanceOf(a: FaceRow, b: FaceRow, { rule, generation }: SuccessionRule): number | undefined {
  const isComparable = (face: FaceRow) => isEmbeddedBy(generation, face) && face.embedding.some((value) => value !== 0);
  return isComparable(a) && isComparable(b) ? distances[rule.metric](a.embedding, b.embedding) : undefined;
}

/** A box in shares of the photo's width and height, which stay if the photo is scaled. */
function relativeBox({ x, y, width, height }: Box, photo: FacesOfPhoto): Box {
  return {
    x: x / photo.width,
    y: y / photo.height,
    width: width / photo.width,
    height: height / photo.height,
  };
}
