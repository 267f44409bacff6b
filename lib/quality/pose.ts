import type { LandmarkScheme, Landmarks, Pose } from '../core/types.ts';
import { type Anchor, anchor, hasAnchor } from '../landmarks/schemes.ts';

type Vector = [x: number, y: number, z: number];

/**
 * A generic head model: x to the right of the picture, y downwards, z away from the camera, in units of the distance
 * between the outer corners of the eyes. Source: S. Mallick, "Head pose estimation using OpenCV and dlib", 2016,
 * divided by its distance of 450 units. The eyes' inner corners and the base of the nose were added.
 */
const head: Partial<Record<Anchor, Vector>> = {
  rightEyeOuter: [-0.5, -0.378, 0.3],
  leftEyeOuter: [0.5, -0.378, 0.3],
  rightEyeInner: [-0.19, -0.372, 0.25],
  leftEyeInner: [0.19, -0.372, 0.25],
  noseTip: [0, 0, 0],
  noseBase: [0, 0.13, 0.12],
  rightMouthCorner: [-0.31, 0.333, 0.278],
  leftMouthCorner: [0.31, 0.333, 0.278],
};

/** The centres of the eyes, for landmarks without their corners: the means of the corners. */
const eyeCentres: Partial<Record<Anchor, Vector>> = {
  rightEye: [-0.345, -0.375, 0.275],
  leftEye: [0.345, -0.375, 0.275],
};

/**
 * Estimates the pose of a head: the least-squares fit of the generic head model to the landmarks under scaled
 * orthographic projection, the first step of POSIT (DeMenthon and Davis, "Model-based object pose in 25 lines of code",
 * IJCV 1995). The error is about ten degrees, because heads differ from the model.
 */
export function headPose(landmarks: Landmarks): Pose {
  const model = modelOf(landmarks.scheme);
  const points = model.map(([name]) => anchor(landmarks, name));
  const vectors = centred(model.map(([, vector]) => vector));
  const mean = {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
  const right = leastSquares(
    vectors,
    points.map(({ x }) => x - mean.x),
  );
  const down = leastSquares(
    vectors,
    points.map(({ y }) => y - mean.y),
  );
  const [i, j] = orthonormal(right, down);
  // i, j and k are the rows of the rotation matrix: yaw about y, then pitch about x, then roll about z.
  const k = cross(i, j);
  return {
    yaw: Math.atan2(k[0], k[2]),
    pitch: Math.asin(Math.max(-1, Math.min(1, k[1]))),
    roll: Math.atan2(-i[1], j[1]),
  };
}

/** The points of the head model that a scheme has. */
function modelOf(scheme: LandmarkScheme): [Anchor, Vector][] {
  const points = hasAnchor(scheme, 'rightEyeOuter') ? head : { ...eyeCentres, ...head };
  return (Object.entries(points) as [Anchor, Vector][]).filter(([name]) => hasAnchor(scheme, name));
}

/** Vectors minus their mean. */
function centred(vectors: readonly Vector[]): Vector[] {
  const mean = [0, 1, 2].map((axis) => vectors.reduce((sum, v) => sum + (v[axis] as number), 0) / vectors.length);
  return vectors.map((v) => v.map((value, axis) => value - (mean[axis] as number)) as Vector);
}

/** The vector whose dot products with `vectors` fit `values` best, by the normal equations and Cramer's rule. */
function leastSquares(vectors: readonly Vector[], values: readonly number[]): Vector {
  const sum = (of: (v: Vector, value: number) => number) =>
    vectors.reduce((total, v, i) => total + of(v, values[i] as number), 0);
  const row = (axis: 0 | 1 | 2): Vector =>
    [0, 1, 2].map((other) => sum((v) => v[axis] * (v[other] as number))) as Vector;
  const [a, b, c] = [row(0), row(1), row(2)];
  const target = [0, 1, 2].map((axis) => sum((v, value) => (v[axis] as number) * value)) as Vector;
  const determinant = dot(a, cross(b, c));
  // The matrix is symmetric: its rows are its columns.
  return [dot(target, cross(b, c)), dot(target, cross(c, a)), dot(target, cross(a, b))].map(
    (value) => value / determinant,
  ) as Vector;
}

/** Orthonormalises two vectors symmetrically: both are rotated by the same angle. */
function orthonormal(a: Vector, b: Vector): [Vector, Vector] {
  const [u, v] = [unit(a), unit(b)];
  const half = dot(u, v) / 2;
  return [unit(minus(u, v, half)), unit(minus(v, u, half))];
}

function unit(v: Vector): Vector {
  const length = Math.hypot(...v);
  return v.map((value) => value / length) as Vector;
}

function minus(a: Vector, b: Vector, factor: number): Vector {
  return a.map((value, axis) => value - factor * (b[axis] as number)) as Vector;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
