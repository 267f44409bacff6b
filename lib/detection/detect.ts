import type { Face } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { DetectedFace } from './detector.ts';
import { type FaceOrder, faceOrders } from './face-order.ts';
import type { Detectors } from './run-detector.ts';
import { searchPicture } from './search-picture.ts';
import { searchViews } from './search-views.ts';
import { byScore } from './suppression.ts';

/** Which faces detection returns, and how thoroughly it searches. */
export interface DetectionLimits {
  /** The minimum score of a returned face, 0 to 1. It does not change the search. */
  minScore: number;
  /** The maximum number of returned faces. It does not change the search. */
  maxFaces: number;
  /** The order of the returned faces. Faces that it does not distinguish are ordered by score. @default 'score' */
  order?: FaceOrder;
  /**
   * Whether to search rotated views even if an upright face was found, and upside-down views if none was found, and to
   * examine uncertain faces again.
   */
  thorough: boolean;
  /** The smallest face to find: the larger of `pixels`, in source pixels, and `share` of the picture's longer side. */
  minSize: { pixels: number; share: number };
}

/** The limits of one detection, and the faces that it need not find. */
export interface DetectionRequest extends DetectionLimits {
  /** Faces of this picture that the caller knows already. */
  known?: readonly Face[];
}

/**
 * Finds the faces in a picture.
 *
 * @returns the faces that are not `known`, in source pixels, in the requested order.
 * @throws `signal.reason` when aborted; whatever a network throws.
 */
export async function detectFaces(
  picture: PixelSource,
  detectors: Detectors,
  request: DetectionRequest,
  signal?: AbortSignal,
): Promise<DetectedFace[]> {
  const { minScore, maxFaces, order = 'score', known = [] } = request;
  const found = await findFaces(picture, detectors, { ...request, order, known }, signal);
  const returned = byScore(found.filter((face) => face.score >= minScore && !known.includes(face)));
  return returned.sort(faceOrders[order]).slice(0, maxFaces);
}

function findFaces(
  picture: PixelSource,
  detectors: Detectors,
  request: Required<DetectionRequest>,
  signal: AbortSignal | undefined,
): Promise<readonly DetectedFace[]> {
  const { detector } = detectors;
  if ('search' in detector) return searchPicture(picture, detector, request, signal);
  const { known, thorough, minSize } = request;
  const side = Math.max(minSize.pixels, minSize.share * Math.max(picture.width, picture.height));
  return searchViews({ ...detectors, detector, picture, known, uprightRoll: 0, thorough, signal }, side);
}
