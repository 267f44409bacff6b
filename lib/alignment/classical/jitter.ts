import { mersenneTwister } from '../../core/mersenne-twister.ts';
import type { Pixels } from '../../core/types.ts';
import { mirrored } from '../../image/mirror.ts';
import { pixelPicture } from '../../image/pixel-picture.ts';
import { extractChip } from './dlib-chip.ts';

/** The pixels at the border of a crop that a copy leaves out before it is scaled. */
const border = 3;

/** The largest shift of a copy, as a share of its side. */
const maxShift = 0.02;

/** The range of the factor by which a copy is smaller than its part of the crop. */
const scales = [0.97, 0.99999] as const;

/** The largest rotation of a copy, in radians. */
const maxAngle = (3 * Math.PI) / 180;

/**
 * Copies a square crop, each time a little shifted, scaled and rotated, and half of the times mirrored. The copies are those that dlib's
 * `jitter_image` makes first in a process: its generator of random numbers has a fixed seed. (dlib, image_transforms/interpolation.h)
 *
 * @param crop a square of at least 16 pixels.
 * @param count the number of copies.
 */
export function* jitteredCopies(crop: Pixels, count: number): Generator<Pixels> {
  const random = dlibRandom();
  const source = pixelPicture(crop);
  const side = crop.width - 2 * border;
  for (let i = 0; i < count; i++) {
    // The compiler of dlib's package computes the second argument of a point first.
    const y = Math.floor(between(random, -maxShift, maxShift) * side + 0.5);
    const x = Math.floor(between(random, -maxShift, maxShift) * side + 0.5);
    const box = Math.trunc(side / between(random, ...scales));
    const angle = between(random, -maxAngle, maxAngle);
    const centre = Math.floor(crop.width / 2) - Math.floor(box / 2);
    const [left, top] = [centre + x, centre + y];
    const copy = extractChip(source, { left, top, right: left + box - 1, bottom: top + box - 1 }, angle, crop.width);
    yield random() > 0.5 ? mirrored(copy) : copy;
  }
}

function between(random: () => number, low: number, high: number): number {
  return low + random() * (high - low);
}

/** The numbers from 0 to 1 that a new `dlib::rand` generates. */
function dlibRandom(): () => number {
  const next = mersenneTwister();
  for (let i = 0; i < 10_000; i++) next();
  return () => ((next() & 0xffffff) * 0x1000000 + (next() & 0xffffff)) / (0xffffffffffff + 0.05);
}
