import type { Grey } from '../../image/grey.ts';
import { type Integral, integralOf } from '../../image/integral.ts';
import type { Cascade } from './cascade.ts';
import { cornersOf, type FeatureLayout, layOutFeatures } from './feature-layout.ts';
import { PatternEvaluator } from './pattern-windows.ts';

/** A window whose luminance has a lower standard deviation, of 255, shows noise and no face. (OpenCV) */
const minDeviation = 10;

const { fround } = Math;

/**
 * Slides the cascade's window over an image of one scale.
 *
 * @param step the distance between neighbouring windows, in pixels.
 * @param onPass is called with the top left corner of every window that passes all stages.
 */
export function scanWindows(cascade: Cascade, grey: Grey, step: number, onPass: (x: number, y: number) => void): void {
  const { width, height, stageTrees } = cascade;
  const evaluator = cascade.patterns ? new PatternEvaluator(cascade, grey) : new WindowEvaluator(cascade, grey);
  for (let y = 0; y + height <= grey.height; y += step) {
    for (let x = 0; x + width <= grey.width; x += step) {
      const stages = evaluator.stagesPassed(x, y);
      if (stages === stageTrees.length) onPass(x, y);
      // If the first stage fails there is no face in the next window either. (OpenCV)
      else if (stages === 0) x += step;
    }
  }
}

/** Evaluates a cascade on windows of one image. */
class WindowEvaluator {
  readonly #cascade: Cascade;
  readonly #integral: Integral;
  readonly #layout: FeatureLayout;
  readonly #tilted: Int32Array;
  /**
   * The corners and the area of the window without its outermost pixels: OpenCV's training takes the variance of these.
   */
  readonly #inner: readonly [number, number, number, number];
  readonly #innerArea: number;

  constructor(cascade: Cascade, grey: Grey) {
    const { width, height, features } = cascade;
    this.#cascade = cascade;
    this.#integral = integralOf(
      grey,
      features.some(({ tilted }) => tilted),
    );
    const { stride, sum, tilted = sum } = this.#integral;
    this.#tilted = tilted;
    this.#layout = layOutFeatures(features, stride);
    this.#inner = cornersOf(1, 1, width - 2, height - 2, stride);
    this.#innerArea = (width - 2) * (height - 2);
  }

  /** The number of stages that a window passes, or −1 if its contrast is too low. */
  stagesPassed(x: number, y: number): number {
    const { stageTrees, stageThresholds, treeNodes } = this.#cascade;
    const position = y * this.#integral.stride + x;
    const norm = this.#norm(position);
    if (norm <= minDeviation * this.#innerArea) return -1;
    // OpenCV multiplies 32-bit floats.
    const scale = fround(1 / norm);
    let tree = 0;
    let node = 0;
    let leaf = 0;
    for (let stage = 0; stage < stageTrees.length; stage++) {
      let votes = 0;
      for (const end = tree + (stageTrees[stage] as number); tree < end; tree++) {
        votes += this.#vote(node, leaf, position, scale);
        const nodes = treeNodes[tree] as number;
        node += nodes;
        leaf += nodes + 1;
      }
      if (votes < (stageThresholds[stage] as number)) return stage;
    }
    return stageTrees.length;
  }

  /**
   * The standard deviation times the area. Dividing a feature's value by it replaces the normalisation of the pixels.
   */
  #norm(position: number): number {
    const { sum, squares } = this.#integral;
    const [c0, c1, c2, c3] = this.#inner;
    const total = rectangleSum(sum, position + c0, position + c1, position + c2, position + c3);
    const totalSquares = rectangleSum(squares, position + c0, position + c1, position + c2, position + c3);
    return Math.sqrt(Math.max(0, this.#innerArea * totalSquares - total * total));
  }

  /** Walks the tree whose first node and leaf are given down to a leaf. */
  #vote(firstNode: number, firstLeaf: number, position: number, scale: number): number {
    const { nodeFeatures, nodeThresholds, nodeLeft, nodeRight, leaves } = this.#cascade;
    let next = 0;
    do {
      const node = firstNode + next;
      const value = this.#featureValue(nodeFeatures[node] as number, position);
      next = (fround(value * scale) < (nodeThresholds[node] as number) ? nodeLeft[node] : nodeRight[node]) as number;
    } while (next > 0);
    return leaves[firstLeaf - next] as number;
  }

  /** The weighted sum of a feature's rectangles. */
  #featureValue(feature: number, position: number): number {
    const { weights, isTilted } = this.#layout;
    const table = isTilted[feature] === 1 ? this.#tilted : this.#integral.sum;
    const corners = feature * 12;
    const first = feature * 3;
    const third = weights[first + 2] as number;
    const value = fround(
      fround((weights[first] as number) * this.#cornerSum(table, corners, position)) +
        fround((weights[first + 1] as number) * this.#cornerSum(table, corners + 4, position)),
    );
    return third === 0 ? value : fround(value + fround(third * this.#cornerSum(table, corners + 8, position)));
  }

  /** The sum of the pixels in a rectangle whose four corner offsets start at an index of the layout. */
  #cornerSum(table: Int32Array, corners: number, position: number): number {
    const { offsets } = this.#layout;
    return rectangleSum(
      table,
      position + (offsets[corners] as number),
      position + (offsets[corners + 1] as number),
      position + (offsets[corners + 2] as number),
      position + (offsets[corners + 3] as number),
    );
  }
}

function rectangleSum(table: Int32Array | Float64Array, c0: number, c1: number, c2: number, c3: number): number {
  return (table[c0] as number) - (table[c1] as number) - (table[c2] as number) + (table[c3] as number);
}
