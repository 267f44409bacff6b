/** A cascade of regression trees (Kazemi and Sullivan, "One millisecond face alignment", CVPR 2014), as dlib trains it. */
export interface ShapePredictor {
  /** The mean shape: x and y of each point, as shares of the face's box. */
  meanShape: Float32Array;
  levels: ForestLevel[];
}

/** One level of the cascade: the pixels that it compares, and its trees. All trees are complete and of the same depth. */
export interface ForestLevel {
  /** For each pixel, the index of the point that it is placed by. */
  anchors: Uint16Array;
  /** For each pixel, x and y relative to that point in the mean shape. */
  offsets: Float32Array;
  /** The number of trees. */
  trees: number;
  /** For each node of each tree, in breadth-first order: the two pixels whose difference it compares. */
  first: Uint16Array;
  second: Uint16Array;
  /** A node branches to its first child above this difference of grey levels. */
  thresholds: Float32Array;
  /** The change of the shape at each leaf of each tree, as shares of the face's box. */
  leaves: Float32Array;
}
