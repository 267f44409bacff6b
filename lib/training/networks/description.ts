/** How many numbers a layer gives for one picture: [height, width, channels], or [length] of a vector. */
export type Shape = readonly [height: number, width: number, channels: number] | readonly [length: number];

/** What follows the products of a layer: nothing; a bias for each filter; or batch normalisation without a scale. */
export type Offset = 'none' | 'bias' | 'batch-normalisation';

/** Batch normalisation's, of TF-slim in David Sandberg's facenet (`inception_resnet_v1.py`, `batch_norm_params`). */
export const batchNormalisation = { decay: 0.995, epsilon: 1e-3 } as const;

/** Whether negative numbers are set to 0. */
export type Activation = 'relu' | 'linear';

/** A two-dimensional convolution. */
export interface Convolution {
  kind: 'convolution';
  name: string;
  filters: number;
  kernel: readonly [height: number, width: number];
  stride: number;
  /** `same`: the picture is continued with zeros, and is as large afterwards as before, by the stride. `valid`: it is not. */
  padding: 'same' | 'valid';
  offset: Offset;
  activation: Activation;
}

/** Pooling over a square window: the largest number, or the Euclidean length (L2) of all. */
export interface Pooling {
  kind: 'max-pooling' | 'l2-pooling';
  name: string;
  size: number;
  stride: number;
  padding: 'same' | 'valid';
}

/** The mean of each channel over the whole picture: a vector. */
export interface AveragePooling {
  kind: 'average-pooling';
  name: string;
}

/** Local response normalisation across neighbouring channels (Krizhevsky et al., NIPS 2012, section 3.3). */
export interface ResponseNormalisation {
  kind: 'response-normalisation';
  name: string;
}

/** All numbers in a row: a vector. */
export interface Flattening {
  kind: 'flattening';
  name: string;
}

/** A fully connected layer. */
export interface FullyConnected {
  kind: 'fully-connected';
  name: string;
  units: number;
  /** Of so many products each unit is the largest (maxout, Goodfellow et al., ICML 2013); 1 is a plain layer. */
  maxout: number;
  offset: Offset;
  activation: Activation;
}

/** While training, a share of the numbers is set to 0 at random and the others are enlarged. */
export interface Dropout {
  kind: 'dropout';
  name: string;
  /** The share, from 0 to below 1. */
  rate: number;
}

/** A vector brought to length 1. */
export interface Normalisation {
  kind: 'l2-normalisation';
  name: string;
}

/** Branches that start from the same numbers; their channels are put after each other. */
export interface Block {
  kind: 'block';
  name: string;
  branches: readonly (readonly Layer[])[];
}

/** The layers' result, times a scale, added to what they started from. */
export interface Residual {
  kind: 'residual';
  name: string;
  scale: number;
  layers: readonly Layer[];
  activation: Activation;
}

/** A layer that is one operation. */
export type SimpleLayer =
  | Convolution
  | Pooling
  | AveragePooling
  | ResponseNormalisation
  | Flattening
  | FullyConnected
  | Dropout
  | Normalisation;

/** A layer, or several put together. */
export type Layer = SimpleLayer | Block | Residual;

/** A network as data: what goes in, and its layers in order. */
export interface Architecture {
  name: string;
  /** Where it was published, or that it was not. */
  source: string;
  /** The pictures: height, width and channels, in pixels. */
  input: readonly [height: number, width: number, channels: number];
  /** The rows of the published table. Their names are unique. */
  layers: readonly Layer[];
  /** What the weights' names begin with, where those of a release do. */
  scope?: string;
}

/** What a layer can deviate in from the usual. */
type Deviation = Partial<Pick<Convolution, 'stride' | 'padding' | 'offset' | 'activation'>>;

/** A convolution; usually with stride 1, zeros around, no bias, and ReLU. */
export function convolution(
  name: string,
  filters: number,
  kernel: number | readonly [number, number],
  { stride = 1, padding = 'same', offset = 'none', activation = 'relu' }: Deviation = {},
): Convolution {
  const sides = typeof kernel === 'number' ? ([kernel, kernel] as const) : kernel;
  return { kind: 'convolution', name, filters, kernel: sides, stride, padding, offset, activation };
}

/** Pooling over 3×3 numbers. */
export function pooling(name: string, of: 'max' | 'l2', stride: number, padding: Pooling['padding'] = 'same'): Pooling {
  return { kind: `${of}-pooling`, name, size: 3, stride, padding };
}

/** A fully connected layer without bias or ReLU. */
export function fullyConnected(name: string, units: number, { maxout = 1 } = {}): FullyConnected {
  return { kind: 'fully-connected', name, units, maxout, offset: 'none', activation: 'linear' };
}

/** One layer after another, under one name. */
export function sequence(name: string, ...layers: Layer[]): Block {
  return { kind: 'block', name, branches: [layers] };
}
