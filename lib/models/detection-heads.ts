/** The kind of a detector's outputs, which selects their decoder. */
export type DetectionHead =
  | { type: 'blazeface'; grids: BlazeFaceGrids }
  | { type: 'ssd'; box: BoxRule }
  /** The anchors' sizes are in cells. */
  | { type: 'yolo'; anchors: [width: number, height: number][]; box: BoxRule }
  /** The first network of MTCNN. The names are those of the second and the third network. */
  | { type: 'mtcnn'; refinement: string; output: string; box: BoxRule }
  | AnchorHead
  /** dlib's CNN on a tiled image pyramid. */
  | MmodHead
  /** An SSD of OpenCV's DNN module. */
  | PriorHead;

/**
 * BlazeFace's grids, in the order of its outputs: cells of `stride` input pixels, each with `perCell` anchors at its
 * centre.
 */
export type BlazeFaceGrids = { stride: number; perCell: number }[];

/** Converts a detector's box to the extent of BlazeFace's boxes, for which the landmarkers' crops were tuned. */
export interface BoxRule {
  /** The side of the resulting square, as a multiple of the box's longer side. */
  scale: number;
  /** The shift down the picture, as a multiple of the box's longer side. */
  shift: number;
}

/** A grid of cells of `stride` input pixels. Each cell has an anchor of each size, in input pixels. */
export interface AnchorGrid {
  stride: number;
  sizes: number[];
}

/**
 * How a box is encoded. `centre`: offset of the centre from the anchor and logarithm of the size, relative to the anchor's size
 * and multiplied by variances (SSD). `distances`: from the anchor to the left, top, right and bottom side, in sizes of the
 * anchor (FCOS). `corners`: left, top, right and bottom as fractions of the input, without anchors.
 */
export type BoxEncoding =
  | { encoding: 'centre'; centreVariance: number; sizeVariance: number }
  | { encoding: 'distances' }
  | { encoding: 'corners' };

/**
 * Non-maximum suppression. `hard` drops a candidate whose intersection over union with a stronger one is larger than
 * `maxOverlap`; `weighted` replaces both by their mean, weighted with their scores.
 */
export interface Suppression {
  method: 'hard' | 'weighted';
  maxOverlap: number;
}

/** The outputs of a detector that scores anchors on grids over its input, as data. */
export interface AnchorHead {
  type: 'anchors';
  /**
   * The indices of the outputs: one for all grids together, or one for each grid. The values of the anchors follow each other
   * by row, column and size. The score is the root of its product with `objectness`, if there is one.
   */
  outputs: { scores: number[]; objectness?: number[]; boxes: number[]; keypoints?: number[] };
  /** In the order of the outputs. */
  grids: AnchorGrid[];
  /** The position of an anchor in its cell: 0 is the top left corner, 0.5 the centre. */
  offset: number;
  /** Whether anchors that are larger than the input are limited to it. */
  clipped?: boolean;
  /** Scores per anchor: one of a face, or two, the second of a face. */
  classes: 1 | 2;
  /** What makes a probability of a score. `none`: the network has it inside. */
  activation: 'none' | 'sigmoid' | 'softmax';
  boxes: BoxEncoding;
  /**
   * The five keypoints: right eye, left eye, nose tip, right and left corner of the mouth, each as an offset from the anchor
   * relative to its size and multiplied by the variance.
   */
  keypoints?: { variance: number };
  suppression: Suppression;
  /** Candidates with a lower score are dropped. */
  minScore: number;
  /** The side of the smallest face that the network finds, in input pixels. Larger pictures are tiled to reach it. */
  minFace: number;
  box: BoxRule;
}

/** Prior boxes on a grid: in each cell one of each size, in input pixels. */
export interface PriorGrid {
  columns: number;
  rows: number;
  /** The distance of two cells along x and y, in input pixels. */
  step: [x: number, y: number];
  /** The position of a prior box's centre in its cell, in steps. */
  offset: number;
  sizes: [width: number, height: number][];
}

/**
 * How the outputs of an SSD that OpenCV's DNN module runs are decoded: first four values for the box of each prior box, relative to
 * it, then two probabilities, the second that of a face.
 */
export interface PriorHead {
  type: 'priors';
  /** In the order of the outputs, each by row, column and size. */
  grids: PriorGrid[];
  /** The factors of the four values. */
  variances: [number, number, number, number];
  /** Whether prior boxes are cut at the border of the input. */
  clipped?: boolean;
  /** Candidates whose score is not higher are dropped. */
  minScore: number;
  /** Of two candidates, the weaker one is dropped if their intersection over union is larger. */
  maxOverlap: number;
  /** The number of candidates, the strongest, that are compared. */
  maxCandidates: number;
  /** The number of detections, the strongest, that are returned. */
  maxDetections: number;
}

/** How the output of dlib's CNN detector is read: a channel for each window. */
export interface MmodHead {
  type: 'mmod';
  /** The sizes of the faces that the channels find, in pixels. */
  windows: { width: number; height: number }[];
  /** The pixels between the images of the tiled pyramid, and about them. */
  padding: number;
  outerPadding: number;
  /** Input pixels per output pixel, along each side. */
  stride: number;
  /** The input position of the first output pixel. */
  offset: number;
  /** Of two detections, the weaker one is dropped if they overlap more, or if one covers more of the other. */
  maxOverlap: number;
  maxCovered: number;
}
