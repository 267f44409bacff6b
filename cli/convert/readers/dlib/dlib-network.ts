/** A convolution. Its filters are [outputs, inputs, rows, columns]. */
export interface DlibConvolution {
  type: 'convolution';
  outputs: number;
  rows: number;
  columns: number;
  stride: number;
  /** The rows and columns of zeros on each side. */
  padding: number;
  filters: Float32Array;
  biases: Float32Array;
}

/** A layer of a network, in the order of execution. `tag` remembers its input; `skip` returns to the input of the tag before the last. */
export type DlibLayer =
  | DlibConvolution
  | { type: 'affine'; scale: Float32Array; shift: Float32Array }
  | { type: 'maxPool' | 'averagePool'; rows: number; columns: number; stride: number; padding: number }
  | { type: 'fullyConnected'; outputs: number; weights: Float32Array }
  | { type: 'relu' }
  | { type: 'addTagged' }
  | { type: 'tag' }
  | { type: 'skip' };

/** The window of a detector: the size of the faces that one output channel finds. */
export interface DetectorWindow {
  width: number;
  height: number;
}

/** What follows a network: nothing, or the search for the windows of a detector. */
export type DlibLoss =
  | { type: 'metric' }
  | { type: 'mmod'; windows: DetectorWindow[]; maxOverlap: number; maxCovered: number };

/** The input of a network. */
export interface DlibInput {
  /** Subtracted from red, green and blue. dlib divides by 256 afterwards. */
  mean: [number, number, number];
  /** The size of the image; undefined for an image pyramid of any size. */
  size?: { width: number; height: number };
  /** The pixels between the images of a tiled pyramid, and about them. */
  pyramid?: { padding: number; outerPadding: number };
}

/** A network that dlib saved. */
export interface DlibNetwork {
  loss: DlibLoss;
  input: DlibInput;
  layers: DlibLayer[];
}
