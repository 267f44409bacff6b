import { uniformNumbers } from './uniform-numbers.ts';

/** One step of a mixture. Lengths are shares of the width of the face's box. */
export type Operation =
  /** A Gaussian whose deviation along a direction differs from that across it. The angle is in radians. */
  | { name: 'gaussian'; along: number; across: number; angle: number }
  /** The blur of a lens out of focus. */
  | { name: 'disc'; radius: number }
  /** A rectangle of one colour over a part of the face's box, from (0, 0) to (1, 1). */
  | { name: 'cover'; left: number; top: number; width: number; height: number; grey: number }
  /** The curve `gain · max(0, x − black) ** gamma` of values from 0 to 1. The gain is at most 1. */
  | { name: 'curve'; gamma: number; black: number; gain: number }
  /** Reduces the face to a width in pixels, and enlarges the photo again. */
  | { name: 'resize'; side: number; smooth: boolean }
  /** Gaussian noise of grains of some pixels. */
  | { name: 'noise'; deviation: number; grain: number }
  /** The quality of the file, 0 to 1. */
  | { name: 'jpeg'; quality: number };

/** The number of mixtures. */
export const mixtureCount = 24;

/** The probability that a mixture has a step of each kind. */
const probabilities = { blur: 0.45, cover: 0.2, curve: 0.4, resize: 0.3, noise: 0.35, jpeg: 0.3 };

/**
 * Mixtures of defects with random strengths, the same ones in each run: photos with other defects than the named degradations. They
 * contain no linear motion blur, no gain above 1, no reduced contrast with a raised black level, and no uneven light, which stay unknown
 * to the fit. The nearest to motion blur is a Gaussian that is up to five times as wide along one direction as across it.
 */
export function mixtures(): Operation[][] {
  const random = uniformNumbers(7);
  const result: Operation[][] = [];
  while (result.length < mixtureCount) {
    const mixture = drawMixture(random);
    if (mixture.length > 0) result.push(mixture);
  }
  return result;
}

function drawMixture(random: () => number): Operation[] {
  const between = (low: number, high: number) => low + (high - low) * random();
  const steps: Record<keyof typeof probabilities, () => Operation> = {
    blur: () => {
      const [size, ratio, angle] = [between(0.015, 0.06), between(0.2, 1), Math.PI * random()];
      if (random() < 0.5) return { name: 'disc', radius: 1.5 * size };
      return { name: 'gaussian', along: size, across: ratio * size, angle };
    },
    cover: () => {
      const [left, top] = [between(-0.1, 0.5), between(0, 0.7)];
      return { name: 'cover', left, top, width: between(0.3, 0.9), height: between(0.15, 0.4), grey: between(0, 255) };
    },
    curve: () => ({
      name: 'curve',
      gamma: Math.exp(between(-1.2, 1.2)),
      black: random() < 0.5 ? 0 : between(0, 0.3),
      gain: random() < 0.5 ? 1 : between(0.1, 1),
    }),
    resize: () => ({ name: 'resize', side: between(10, 30), smooth: random() < 0.7 }),
    noise: () => ({ name: 'noise', deviation: between(8, 50), grain: random() < 0.5 ? 1 : between(1, 4) }),
    jpeg: () => ({ name: 'jpeg', quality: between(0.02, 0.15) }),
  };
  const names = Object.keys(probabilities) as (keyof typeof probabilities)[];
  return names.flatMap((name) => (random() < probabilities[name] ? [steps[name]()] : []));
}
