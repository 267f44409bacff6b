import { boxAround, boxCentre } from '../../../core/math.ts';
import type { Box, Keypoints, Landmarks, Point } from '../../../core/types.ts';
import { type Affine, apply, compose, direction, rotationOf } from '../../../image/affine.ts';
import type { PixelSource } from '../../../image/pixel-source.ts';
import { warp } from '../../../image/warp.ts';
import type { AnchorHead, DetectionDescriptor } from '../../../models/manifest.ts';
import type { Network } from '../../../runtime/network.ts';
import type { DetectedFace, PictureDetector, SearchArea } from '../../detector.ts';
import { overlaps } from '../../same-face.ts';
import { byScore, type Candidate } from '../../suppression.ts';
import { anchorViews } from './anchor-views.ts';
import { anchorDecoder } from './decode-anchors.ts';
import { suppressCandidates } from './suppress-candidates.ts';

/** Options of {@link anchorDetector}. */
export interface AnchorDetectorOptions {
  /** Whether faces carry the five keypoints as their landmarks. */
  landmarks: boolean;
}

/**
 * Creates a detector from a network that scores anchors over its input, such as YuNet, SCRFD, RetinaFace or Ultra-Light: it
 * searches the whole area, and tiles of it for small faces. It disposes of the network.
 */
export function anchorDetector(
  network: Network,
  { name, preprocessing, head }: DetectionDescriptor & { head: AnchorHead },
  { landmarks }: AnchorDetectorOptions,
): PictureDetector {
  const { width, height } = preprocessing;
  const decode = anchorDecoder(name, head, preprocessing);
  const searchView = async (picture: PixelSource, area: SearchArea, view: Box, signal: AbortSignal | undefined) => {
    const toArea = { a: view.width / width, b: 0, c: 0, d: view.height / height, e: view.x, f: view.y };
    // One at a time: exported graphs often merge the images of a batch in their last reshape.
    const images = [warp(picture, compose(area.toSource, toArea), width, height)];
    const [outputs] = (await network.run(images, signal)) as [Float32Array[]];
    return suppressCandidates(decode(outputs), head.suppression).map((candidate) => moved(candidate, toArea));
  };
  return {
    name,
    async search(picture, area, minSize, signal) {
      let found: Candidate[] = [];
      for (const view of anchorViews(area, minSize, head.minFace, preprocessing)) {
        found = merged(found, await searchView(picture, area, view, signal));
      }
      return byScore(found).map((candidate) => toFace(candidate, area, head, landmarks));
    },
    dispose: () => network.dispose(),
  };
}

/**
 * The candidates of several views, of which the strongest at each place stays: a face on the border of a tile is cut in it and whole
 * in another. Candidates of one view are distinct already.
 */
function merged(found: readonly Candidate[], added: readonly Candidate[]): Candidate[] {
  const stronger = (a: Candidate, others: readonly Candidate[]) =>
    others.some((other) => other.score >= a.score && overlaps(a, other));
  const kept = found.filter((candidate) => !stronger(candidate, added));
  return [...kept, ...added.filter((candidate) => !stronger(candidate, kept))];
}

/** A candidate in pixels of the area. The transform only scales and shifts. */
function moved({ box, score, keypoints }: Candidate, toArea: Affine): Candidate {
  const { x, y } = apply(toArea, box);
  const area = { score, box: { x, y, width: box.width * toArea.a, height: box.height * toArea.d } };
  return keypoints ? { ...area, keypoints: mapped(keypoints, toArea) } : area;
}

function mapped(keypoints: Keypoints, transform: Affine): Keypoints {
  const points = Object.entries(keypoints).map(([key, point]) => [key, apply(transform, point)]);
  return Object.fromEntries(points) as Keypoints;
}

/** Maps a candidate to source pixels, with a box as BlazeFace has it. */
function toFace(
  { box, score, keypoints }: Candidate,
  { toSource }: SearchArea,
  { box: { scale, shift } }: AnchorHead,
  withLandmarks: boolean,
): DetectedFace {
  const longer = Math.max(box.width, box.height);
  const { x, y } = boxCentre(box);
  const square = boxAround(apply(toSource, { x, y: y + shift * longer }), longer * scale, longer * scale);
  if (!keypoints) return { score, box: square, roll: rotationOf(toSource) };
  const points = mapped(keypoints, toSource);
  const face = { score, box: square, roll: direction(points.rightEye, points.leftEye), keypoints: points };
  return withLandmarks ? { ...face, landmarks: landmarksOf(points, box, toSource) } : face;
}

/** The five points, with the network's own box. A face that was found in a turned picture has none: it would not be upright. */
function landmarksOf(
  { rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner }: Keypoints,
  box: Box,
  toSource: Affine,
): Landmarks {
  const points = [rightEye, leftEye, noseTip, rightMouthCorner as Point, leftMouthCorner as Point];
  if (toSource.b !== 0) return { scheme: 'points-5', points };
  return { scheme: 'points-5', points, box: { ...box, ...apply(toSource, box) } };
}
