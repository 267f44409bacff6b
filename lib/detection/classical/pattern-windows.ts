import type { Grey } from '../../image/grey.ts';
import { integralOf } from '../../image/integral.ts';
import type { Cascade } from './cascade.ts';

/** The blocks about the middle one, in the order of the bits of a pattern, the highest first. (OpenCV) */
const neighbours = [0, 1, 2, 5, 8, 7, 6, 3];

/** Evaluates a cascade of local binary patterns on windows of one image. */
export class PatternEvaluator {
  readonly #cascade: Cascade;
  readonly #patterns: NonNullable<Cascade['patterns']>;
  readonly #sum: Int32Array;
  readonly #stride: number;

  /** @param cascade one with `patterns`. */
  constructor(cascade: Cascade, grey: Grey) {
    const { stride, sum } = integralOf(grey, false);
    this.#cascade = cascade;
    this.#patterns = cascade.patterns as NonNullable<Cascade['patterns']>;
    this.#sum = sum;
    this.#stride = stride;
  }

  /** The number of stages that a window passes. */
  stagesPassed(x: number, y: number): number {
    const { stageTrees, stageThresholds, treeNodes, leaves } = this.#cascade;
    const position = y * this.#stride + x;
    let tree = 0;
    let node = 0;
    let leaf = 0;
    for (let stage = 0; stage < stageTrees.length; stage++) {
      let votes = 0;
      for (const end = tree + (stageTrees[stage] as number); tree < end; tree++) {
        votes += leaves[leaf + this.#leafOf(node, position)] as number;
        const nodes = treeNodes[tree] as number;
        node += nodes;
        leaf += nodes + 1;
      }
      if (votes < (stageThresholds[stage] as number)) return stage;
    }
    return stageTrees.length;
  }

  /** Walks a tree from its first node to the index of a leaf. */
  #leafOf(firstNode: number, position: number): number {
    const { nodeFeatures, nodeLeft, nodeRight } = this.#cascade;
    const { subsets } = this.#patterns;
    let next = 0;
    do {
      const node = firstNode + next;
      const pattern = this.#patternAt(nodeFeatures[node] as number, position);
      const isInSubset = ((subsets[8 * node + (pattern >> 5)] as number) >> (pattern & 31)) & 1;
      next = (isInSubset ? nodeLeft[node] : nodeRight[node]) as number;
    } while (next > 0);
    return -next;
  }

  /** The pattern of a feature: a bit for each block that is as bright as the middle one, or brighter. */
  #patternAt(feature: number, position: number): number {
    const { x, y, width, height } = this.#patterns.features[feature] as {
      x: number;
      y: number;
      width: number;
      height: number;
    };
    const sum = this.#sum;
    const stride = this.#stride;
    const block = (index: number) => {
      const corner = position + (y + Math.floor(index / 3) * height) * stride + x + (index % 3) * width;
      const below = corner + height * stride;
      return (
        (sum[corner] as number) -
        (sum[corner + width] as number) -
        (sum[below] as number) +
        (sum[below + width] as number)
      );
    };
    const middle = block(4);
    let pattern = 0;
    for (const index of neighbours) pattern = 2 * pattern + (block(index) >= middle ? 1 : 0);
    return pattern;
  }
}
