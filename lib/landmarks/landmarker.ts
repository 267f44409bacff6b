import { boxCentre } from '../core/math.ts';
import type { Face, Landmarks, Point } from '../core/types.ts';
import type { PresenceScorer } from '../detection/detector.ts';
import { type Affine, apply, invert, squareCrop } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { LandmarksDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import { boundsOf, rollOf } from './bounds.ts';

/** Finds the landmarks of faces. */
export interface Landmarker {
  /** The model's name. */
  readonly name: string;
  /** The landmarks of each face, in source pixels. */
  find(picture: PixelSource, faces: readonly Face[], signal?: AbortSignal): Promise<Landmarks[]>;
  /** The landmarks of faces in the picture that follows one in which they were known: these place the crops. */
  follow(picture: PixelSource, before: readonly Landmarks[], signal?: AbortSignal): Promise<Landmarks[]>;
  /** How likely it is that there is a face, 0 to 1, for each; only where the network tells. */
  presenceScorer?: PresenceScorer;
  dispose(): void;
}

/**
 * A landmarker that runs a landmark network on an upright crop of each face, all faces as one batch.
 *
 * @param passes 2: once more, on crops that the first landmarks place, which are truer than the detection's.
 */
export function networkLandmarker(network: Network, descriptor: LandmarksDescriptor, passes: 1 | 2): Landmarker {
  const { name, preprocessing } = descriptor;
  const size = preprocessing.width;
  const run = async (picture: PixelSource, toSource: Affine[], signal?: AbortSignal): Promise<Landmarks[]> => {
    const crops = toSource.map((transform) => warp(picture, transform, size, size));
    const answers = (await network.run(crops, signal)) as [Float32Array, Float32Array?][];
    return answers.map(([output, presence], i) => {
      const landmarks = toLandmarks(output, toSource[i] as Affine, descriptor);
      return presence ? { ...landmarks, presence: presence[0] as number } : landmarks;
    });
  };
  const firstPass: Landmarker['find'] = (picture, faces, signal) => {
    const crops = faces.map((face) => cropOfDetection(face, descriptor));
    return run(picture, crops, signal);
  };
  const follow: Landmarker['follow'] = (picture, before, signal) => {
    const crops = before.map((landmarks) => cropOfLandmarks(landmarks, descriptor));
    return run(picture, crops, signal);
  };
  return {
    name,
    ...(descriptor.outputs.length > 1 && {
      presenceScorer: async (...given: Parameters<PresenceScorer>) =>
        (await firstPass(...given)).map(({ presence }) => presence as number),
    }),
    async find(picture, faces, signal) {
      const landmarks = await firstPass(picture, faces, signal);
      return passes === 1 ? landmarks : follow(picture, landmarks, signal);
    },
    follow,
    dispose: () => network.dispose(),
  };
}

/** The crop that a landmark network wants, upright as the face was detected (as MediaPipe's face landmark graph does). */
function cropOfDetection({ box, roll }: Face, descriptor: LandmarksDescriptor): Affine {
  return cropAround(boxCentre(box), Math.max(box.width, box.height), roll, descriptor);
}

/** The same crop, about the box that the landmarks fill. */
function cropOfLandmarks(landmarks: Landmarks, descriptor: LandmarksDescriptor): Affine {
  const roll = rollOf(landmarks);
  const upright = squareCrop({ x: 0, y: 0 }, 1, -roll, 1);
  const bounds = boundsOf(landmarks.points.map((point) => apply(upright, point)));
  const centre = apply(invert(upright), boxCentre(bounds));
  return cropAround(centre, Math.max(bounds.width, bounds.height), roll, descriptor);
}

function cropAround(centre: Point, side: number, roll: number, { crop, preprocessing }: LandmarksDescriptor): Affine {
  const shift = crop.shift * side;
  const shifted = { x: centre.x - Math.sin(roll) * shift, y: centre.y + Math.cos(roll) * shift };
  return squareCrop(shifted, side * crop.scale, roll, preprocessing.width);
}

function toLandmarks(output: Float32Array, toSource: Affine, descriptor: LandmarksDescriptor): Landmarks {
  const { scheme, valuesPerPoint, unit, preprocessing } = descriptor;
  const scale = unit === 'crop' ? preprocessing.width : 1;
  const points: Point[] = [];
  for (let i = 0; i < output.length; i += valuesPerPoint) {
    points.push(apply(toSource, { x: (output[i] as number) * scale, y: (output[i + 1] as number) * scale }));
  }
  return { scheme, points };
}
