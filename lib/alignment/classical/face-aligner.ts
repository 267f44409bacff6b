import type { Landmarks, Pixels, Point } from '../../core/types.ts';
import { type Affine, apply, invert } from '../../image/affine.ts';
import type { PixelSource, Raster } from '../../image/pixel-source.ts';
import { footprint } from '../../image/warp.ts';
import { anchorOf } from '../../landmarks/schemes.ts';

/** The position of the eyes in the crop of imutils' FaceAligner. */
export interface FaceAlignerOptions {
  /** The size of the crop, in pixels. */
  width: number;
  height: number;
  /** The eye on the left of the picture, as shares of the crop's width and height: imutils' `desiredLeftEye`. */
  leftEye: readonly [x: number, y: number];
}

/** The default of `desiredLeftEye`. */
export const defaultLeftEye: readonly [number, number] = [0.35, 0.35];

const eyes = ['leftEye', 'rightEye'] as const;
const outerCorners = ['leftEyeOuter', 'rightEyeOuter'] as const;

/**
 * The transform from pixel indices of the crop to those of the source: the eyes are level, at the wanted height and distance. The centres
 * of the eyes are whole pixels. (imutils, face_utils/facealigner.py)
 *
 * @throws {FaceNetError} `option-invalid` for landmarks without eyes.
 */
export function faceAlignerTransform(landmarks: Landmarks, options: FaceAlignerOptions): Affine {
  const { width, height, leftEye } = options;
  // Of dlib's five points, imutils takes the outer corners of the eyes.
  const [leftEyePoints, rightEyePoints] = landmarks.scheme === 'dlib-5' ? outerCorners : eyes;
  const left = wholeMean(anchorOf(landmarks, leftEyePoints));
  const right = wholeMean(anchorOf(landmarks, rightEyePoints));
  const [dx, dy] = [right.x - left.x, right.y - left.y];
  // The subject's left eye is on the right of the picture: the direction between the eyes is turned by half a turn.
  const angle = Math.atan2(dy, dx) - Math.PI;
  const scale = ((1 - 2 * leftEye[0]) * width) / Math.hypot(dx, dy);
  const middle = { x: Math.floor((left.x + right.x) / 2), y: Math.floor((left.y + right.y) / 2) };
  const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return invert({
    a,
    b: -b,
    c: b,
    d: a,
    e: (1 - a) * middle.x - b * middle.y + width * 0.5 - middle.x,
    f: b * middle.x + (1 - a) * middle.y + height * leftEye[1] - middle.y,
  });
}

/** Cuts the crop of imutils' FaceAligner out of a picture, with cubic interpolation as in OpenCV's `warpAffine`. */
export function faceAlignerCrop(source: PixelSource, landmarks: Landmarks, options: FaceAlignerOptions): Pixels {
  const toSource = faceAlignerTransform(landmarks, options);
  const { width, height } = options;
  const data = new Uint8ClampedArray(width * height * 4);
  const raster = readFootprint(source, toSource, width, height);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 4) {
      data[to + 3] = 255;
      if (raster) sampleCubic(raster, apply(toSource, { x: column, y: row }), data, to);
    }
  }
  return { width, height, data };
}

function wholeMean(points: readonly Point[]): Point {
  const mean = (of: (point: Point) => number) =>
    Math.trunc(points.reduce((sum, point) => sum + of(point), 0) / points.length);
  return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
}

/** The pixels that the crop covers, with the margin of the interpolation; undefined if there are none. */
function readFootprint(source: PixelSource, toSource: Affine, width: number, height: number): Raster | undefined {
  const region = footprint(source, toSource, { width, height }, 3);
  return region.width <= 0 || region.height <= 0 ? undefined : source.read(region);
}

/** OpenCV rounds positions to this part of a pixel. */
const positions = 32;

/** The parameter of OpenCV's cubic interpolation. */
const cubic = -0.75;

/** The weights of four neighbouring pixels. @param share the position between the second and the third, 0 to 1. */
function cubicWeights(share: number): [number, number, number, number] {
  const outer = (x: number) => ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic;
  const inner = (x: number) => ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
  const [a, b, c] = [outer(share + 1), inner(share), inner(1 - share)];
  return [a, b, c, 1 - a - b - c];
}

/** Writes one pixel of the crop. What lies outside the picture is black. */
function sampleCubic(raster: Raster, position: Point, data: Uint8ClampedArray, to: number): void {
  const x = Math.round((position.x - raster.x) * positions) / positions;
  const y = Math.round((position.y - raster.y) * positions) / positions;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [across, down] = [cubicWeights(x - left), cubicWeights(y - top)];
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let v = 0; v < 4; v++) {
      const row = top - 1 + v;
      if (row < 0 || row >= raster.height) continue;
      for (let u = 0; u < 4; u++) {
        const column = left - 1 + u;
        if (column < 0 || column >= raster.width) continue;
        const value = raster.data[(row * raster.width + column) * 4 + channel] as number;
        sum += value * (across[u] as number) * (down[v] as number);
      }
    }
    data[to + channel] = Math.round(sum);
  }
}
