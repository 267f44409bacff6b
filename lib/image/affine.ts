import type { Point } from '../core/types.ts';

/** A planar affine transform: x′ = a·x + c·y + e, y′ = b·x + d·y + f (the order of a Canvas or SVG matrix). */
export interface Affine {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

/** Transforms a point. */
export function apply({ a, b, c, d, e, f }: Affine, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The transform that applies `first`, then `second`. */
export function compose(second: Affine, first: Affine): Affine {
  const { x: e, y: f } = apply(second, { x: first.e, y: first.f });
  return {
    a: second.a * first.a + second.c * first.b,
    b: second.b * first.a + second.d * first.b,
    c: second.a * first.c + second.c * first.d,
    d: second.b * first.c + second.d * first.d,
    e,
    f,
  };
}

/** The inverse of a transform. The determinant must not be zero. */
export function invert({ a, b, c, d, e, f }: Affine): Affine {
  const determinant = a * d - b * c;
  return {
    a: d / determinant,
    b: -b / determinant,
    c: -c / determinant,
    d: a / determinant,
    e: (c * f - d * e) / determinant,
    f: (b * e - a * f) / determinant,
  };
}

/** The scale factor of a transform: the square root of the factor by which it changes areas. */
export function scaleOf({ a, b, c, d }: Affine): number {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** The rotation of a transform, clockwise on the screen, in radians from −π to π. */
export function rotationOf({ a, b }: Affine): number {
  return Math.atan2(b, a);
}

/** The direction from one point to another, clockwise from the positive x axis, in radians from −π to π. */
export function direction(from: Point, to: Point): number {
  return Math.atan2(to.y - from.y, to.x - from.x);
}

/** The equivalent angle from −π to π, in radians. */
export function wrappedAngle(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

/**
 * The transform from a square crop of `size` pixels to the source picture.
 *
 * @param centre the centre of the crop, in source pixels.
 * @param side the side of the crop, in source pixels.
 * @param roll the rotation of the crop, clockwise on the screen, in radians.
 */
export function squareCrop(centre: Point, side: number, roll: number, size: number): Affine {
  const scale = side / size;
  const cos = Math.cos(roll) * scale;
  const sin = Math.sin(roll) * scale;
  const half = size / 2;
  return {
    a: cos,
    b: sin,
    c: -sin,
    d: cos,
    e: centre.x - cos * half + sin * half,
    f: centre.y - sin * half - cos * half,
  };
}
