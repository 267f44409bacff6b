import { type Affine, apply, square } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { LandmarksDescriptor } from '../models/manifest.ts';
import type { Network } from '../runtime/network.ts';
import type { Face, Landmarks, Point } from '../types.ts';

/** Finds the landmarks of faces. */
export interface Landmarker {
  /** The model's name. */
  readonly name: string;
  /** The landmarks of each face, in source pixels. */
  find(picture: PixelSource, faces: readonly Face[]): Promise<Landmarks[]>;
  dispose(): void;
}

/** A landmarker that runs a landmark network on an upright crop of each face, all faces as one batch. */
export function networkLandmarker(network: Network, descriptor: LandmarksDescriptor): Landmarker {
  const { name, preprocessing, crop } = descriptor;
  const size = preprocessing.width;
  return {
    name,
    async find(picture, faces) {
      if (faces.length === 0) return [];
      const toSource = faces.map((face) => faceCrop(face, crop, size));
      const crops = toSource.map((transform) => warp(picture, transform, size, size));
      const [output] = (await network.run(crops)) as [Float32Array];
      const perFace = output.length / faces.length;
      return toSource.map((transform, i) =>
        toLandmarks(output.subarray(i * perFace, (i + 1) * perFace), transform, descriptor),
      );
    },
    dispose: () => network.dispose(),
  };
}

/** The crop that a landmark network wants, upright along the line of the eyes (as MediaPipe's face landmark graph does). */
function faceCrop({ box, keypoints }: Face, crop: LandmarksDescriptor['crop'], size: number): Affine {
  const { rightEye, leftEye } = keypoints;
  const roll = Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x);
  const side = Math.max(box.width, box.height);
  const shift = crop.shift * side;
  const centre = {
    x: box.x + box.width / 2 - Math.sin(roll) * shift,
    y: box.y + box.height / 2 + Math.cos(roll) * shift,
  };
  return square(centre, side * crop.scale, roll, size);
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
