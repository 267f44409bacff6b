import { boxAround, boxCentre } from '../core/math.ts';
import type { Face, Keypoints, Pixels } from '../core/types.ts';
import { type Affine, apply, rotationOf, scaleOf, wrappedAngle } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import type { Detector, PictureDetector, PresenceScorer } from './detector.ts';

/** The networks that detection combines. */
export interface Detectors {
  /** Searches the whole picture and, unless it searches every scale itself, tiles of it. */
  detector: Detector | PictureDetector;
  /**
   * Runs again on an upright crop of each candidate, and once on the whole picture to find large faces. Without a
   * refiner, detections are returned as they are.
   */
  refiner: Detector | undefined;
  /** Scores the presence of each candidate. Optional. */
  presenceScorer: PresenceScorer | undefined;
}

/** The input of every step of one detection. */
export interface Search extends Detectors {
  detector: Detector;
  picture: PixelSource;
  /** Faces of the picture that need not be found. */
  known: readonly Face[];
  /** The expected roll of a head, in radians: that of most heads found before, or 0. */
  uprightRoll: number;
  /** Whether accuracy matters more than time. */
  thorough: boolean;
  signal: AbortSignal | undefined;
}

/**
 * Runs a detector on views of the picture.
 *
 * @returns the faces of each view, in source pixels.
 */
export async function runDetector(
  { picture, signal }: Pick<Search, 'picture' | 'signal'>,
  detector: Detector,
  views: readonly Affine[],
): Promise<Face[][]> {
  if (views.length === 0) return [];
  signal?.throwIfAborted();
  const found = await detector.find(renderViews(picture, detector.inputSize, views), signal);
  return views.map((view, i) => (found[i] as Face[]).map((face) => toSourcePixels(face, view)));
}

/** Renders views one at a time, so that only the detector's current batch is in memory. */
function* renderViews(picture: PixelSource, size: number, views: readonly Affine[]): Generator<Pixels> {
  for (const view of views) yield warp(picture, view, size, size);
}

/** Maps a face from a view to source pixels. The box stays upright: only its centre and its size are transformed. */
function toSourcePixels({ box, score, roll, keypoints }: Face, view: Affine): Face {
  const scale = scaleOf(view);
  const face = {
    score,
    box: boxAround(apply(view, boxCentre(box)), box.width * scale, box.height * scale),
    roll: wrappedAngle(roll + rotationOf(view)),
  };
  if (!keypoints) return face;
  const points = Object.entries(keypoints).map(([name, point]) => [name, apply(view, point)]);
  return { ...face, keypoints: Object.fromEntries(points) as Keypoints };
}
