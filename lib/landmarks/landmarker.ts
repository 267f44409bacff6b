import { boxCentre } from '../core/math.ts';
import type { Face, Landmarks, Point } from '../core/types.ts';
import type { DetectedFace, PresenceScorer } from '../detection/detector.ts';
import { type Affine, apply, invert, squareCrop } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import type { LandmarksDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import { boundsOf, rollOf } from './bounds.ts';
import { keypointDistance } from './keypoint-distance.ts';

/** Finds the landmarks of faces. */
export interface Landmarker {
  /** The model's name. */
  readonly name: string;
  /**
   * Finds the landmarks of each face, in source pixels. The first pass is skipped for faces that carry its result.
   *
   * @param faces detections of this picture.
   */
  find(picture: PixelSource, faces: readonly DetectedFace[], signal?: AbortSignal): Promise<Landmarks[]>;
  /**
   * Finds the landmarks of faces in a video frame, in source pixels.
   *
   * @param previous the landmarks in the previous frame: they position the crops.
   */
  follow(picture: PixelSource, previous: readonly Landmarks[], signal?: AbortSignal): Promise<Landmarks[]>;
  /** Scores the presence of faces. Only networks with a presence output have it. */
  presenceScorer?: PresenceScorer;
  /** Frees the network. The landmarker must not be used afterwards. */
  dispose(): void;
}

/**
 * Creates a landmarker that runs a landmark network on an upright crop of each face, all faces in batches. It disposes
 * of the network.
 *
 * @param passes with 2, the network runs again on crops that the first landmarks position: more precisely than the
 *   detection does.
 */
export function networkLandmarker(network: Network, descriptor: LandmarksDescriptor, passes: 1 | 2): Landmarker {
  const run = (picture: PixelSource, crops: readonly Affine[], signal?: AbortSignal) =>
    runOnCrops({ network, descriptor }, picture, crops, signal);
  const runFirstPass = (picture: PixelSource, faces: readonly Face[], signal?: AbortSignal) =>
    run(
      picture,
      faces.map((face) => cropOfDetection(face, descriptor)),
      signal,
    );
  const follow: Landmarker['follow'] = (picture, previous, signal) =>
    run(
      picture,
      previous.map((landmarks) => cropOfLandmarks(landmarks, descriptor)),
      signal,
    );
  const presenceScorer: PresenceScorer = async (picture, faces, signal) =>
    (await runFirstPass(picture, faces, signal)).map((firstPass, i) => ({
      presence: firstPass.presence as number,
      disagreement: keypointDistance(faces[i] as Face, firstPass),
      firstPass,
    }));
  return {
    name: descriptor.name,
    ...(descriptor.outputs.length > 1 && { presenceScorer }),
    async find(picture, faces, signal) {
      const missing = faces.filter(({ firstPass }) => !firstPass);
      const found = (await runFirstPass(picture, missing, signal)).values();
      const landmarks = faces.map(({ firstPass }) => firstPass ?? (found.next().value as Landmarks));
      return passes === 1 ? landmarks : follow(picture, landmarks, signal);
    },
    follow,
    dispose: () => network.dispose(),
  };
}

/** Runs the network on crops of a picture, given as transforms to source pixels. */
async function runOnCrops(
  { network, descriptor }: { network: Network; descriptor: LandmarksDescriptor },
  picture: PixelSource,
  toSource: readonly Affine[],
  signal: AbortSignal | undefined,
): Promise<Landmarks[]> {
  const size = descriptor.preprocessing.width;
  const crops = toSource.map((transform) => warp(picture, transform, size, size));
  const outputs = (await network.run(crops, signal)) as [Float32Array, Float32Array?][];
  return outputs.map(([points, presence], i) => {
    const landmarks = toLandmarks(points, toSource[i] as Affine, descriptor);
    return presence ? { ...landmarks, presence: presence[0] as number } : landmarks;
  });
}

/** The crop about a detected box, upright along the detected roll (as in MediaPipe's face landmark graph). */
function cropOfDetection({ box, roll }: Face, descriptor: LandmarksDescriptor): Affine {
  return cropAround(boxCentre(box), Math.max(box.width, box.height), roll, descriptor);
}

/** The crop about the bounds of landmarks, upright along the line of the eyes. */
function cropOfLandmarks(landmarks: Landmarks, descriptor: LandmarksDescriptor): Affine {
  const roll = rollOf(landmarks);
  const upright = squareCrop({ x: 0, y: 0 }, 1, -roll, 1);
  const bounds = boundsOf(landmarks.points.map((point) => apply(upright, point)));
  const centre = apply(invert(upright), boxCentre(bounds));
  return cropAround(centre, Math.max(bounds.width, bounds.height), roll, descriptor);
}

/** The crop that the descriptor describes, about a square of `side` source pixels. */
function cropAround(centre: Point, side: number, roll: number, { crop, preprocessing }: LandmarksDescriptor): Affine {
  const shift = crop.shift * side;
  const shifted = { x: centre.x - Math.sin(roll) * shift, y: centre.y + Math.cos(roll) * shift };
  return squareCrop(shifted, side * crop.scale, roll, preprocessing.width);
}

/** Reads points off the network's first output and maps them to source pixels. */
function toLandmarks(output: Float32Array, toSource: Affine, descriptor: LandmarksDescriptor): Landmarks {
  const { scheme, valuesPerPoint, unit, preprocessing } = descriptor;
  const { scale, origin } = unitOf(unit, preprocessing.width);
  const points: Point[] = [];
  for (let i = 0; i < output.length; i += valuesPerPoint) {
    const [x, y] = [output[i] as number, output[i + 1] as number];
    points.push(apply(toSource, { x: origin + x * scale, y: origin + y * scale }));
  }
  return { scheme, points };
}

/** A unit in pixels of the crop, and the position of its zero. */
function unitOf(unit: LandmarksDescriptor['unit'], size: number): { scale: number; origin: number } {
  if (unit === 'centred') return { scale: size / 2, origin: size / 2 };
  return { scale: unit === 'crop' ? size : 1, origin: 0 };
}
