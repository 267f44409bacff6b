/** A rectangle of a Haar-like feature, in pixels of the cascade's window, and the weight of the sum of its pixels. */
export interface HaarRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
  weight: number;
}

/**
 * A Haar-like feature: two or three weighted rectangles, upright or, if `tilted`, turned by 45° about their corner
 * (x, y).
 */
export interface HaarFeature {
  tilted: boolean;
  rectangles: HaarRectangle[];
}

/** A local binary pattern: 3 × 3 blocks of this size, of which the outer ones are compared with the one in the middle. */
export interface PatternFeature {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * A cascade of boosted trees on Haar-like features (Viola & Jones 2001) or on local binary patterns (Liao et al. 2007) as flat arrays. Stages, trees, nodes and leaves
 * are each in the order of evaluation.
 */
export interface Cascade {
  /** The size of the window, in pixels. */
  width: number;
  height: number;
  /** Empty for a cascade of local binary patterns. */
  features: HaarFeature[];
  /** The local binary patterns, and for each node the set of patterns that branch to the left: 256 bits in 8 words. */
  patterns?: { features: PatternFeature[]; subsets: Int32Array };
  /** The number of trees of each stage. */
  stageTrees: Int32Array;
  /** The minimum sum of the trees' votes with which a window passes a stage. */
  stageThresholds: Float32Array;
  /** The number of nodes of each tree. A tree has one leaf more. */
  treeNodes: Int32Array;
  /** The feature that each node evaluates. */
  nodeFeatures: Int32Array;
  /** A node branches to the left below this value of its feature, otherwise to the right. */
  nodeThresholds: Float32Array;
  /**
   * The branches of each node. Positive: the index of a later node in the tree. 0 and below: the negated index of a
   * leaf in the tree.
   */
  nodeLeft: Int32Array;
  nodeRight: Int32Array;
  /** The vote of each leaf. */
  leaves: Float32Array;
}
