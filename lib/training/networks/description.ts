/** The shape of a layer's output for one image: [height, width, channels], or [length] for a vector. */
export type Shape = readonly [height: number, width: number, channels: number] | readonly [length: number];

/** What is added to a layer's products: nothing, a bias per filter, or batch normalisation without a scale. */
export type Offset = 'none' | 'bias' | 'batch-normalisation';

/** The constants of batch normalisation, from David Sandberg's facenet (`inception_resnet_v1.py`, `batch_norm_params`). */
export const batchNormalisation = { decay: 0.995, epsilon: 1e-3 } as const;

/** The activation function of a layer. */
export type Activation = 'relu' | 'linear';

/** A two-dimensional convolution. */
export interface Convolution {
  kind: 'convolution';
  name: string;
  filters: number;
  kernel: readonly [height: number, width: number];
  stride: number;
  /** `same` pads with zeros, so that the output size is the input size divided by the stride. `valid` does not pad. */
  padding: 'same' | 'valid';
  offset: Offset;
  activation: Activation;
}

/** Pooling over a square window: the maximum, or the Euclidean norm (L2) of its values. */
export interface Pooling {
  kind: 'max-pooling' | 'l2-pooling';
  name: string;
  size: number;
  stride: number;
  padding: 'same' | 'valid';
}

/** The mean of each channel over the whole image, as a vector. */
export interface AveragePooling {
  kind: 'average-pooling';
  name: string;
}

/** Local response normalisation across neighbouring channels (Krizhevsky et al., NIPS 2012, section 3.3). */
export interface ResponseNormalisation {
  kind: 'response-normalisation';
  name: string;
}

/** Reshapes an image into a vector. */
export interface Flattening {
  kind: 'flattening';
  name: string;
}

/** A fully connected layer. */
export interface FullyConnected {
  kind: 'fully-connected';
  name: string;
  units: number;
  /** The products per unit, of which the unit takes the maximum (maxout, Goodfellow et al., ICML 2013). 1 is a plain layer. */
  maxout: number;
  offset: Offset;
  activation: Activation;
}

/** Dropout: while training, sets a random share of the values to 0 and scales up the others. */
export interface Dropout {
  kind: 'dropout';
  name: string;
  /** The share of values set to 0, from 0 to below 1. */
  rate: number;
}

/** Scales a vector to length 1. */
export interface Normalisation {
  kind: 'l2-normalisation';
  name: string;
}

/** Branches with a common input. Their outputs are concatenated along the channels. */
export interface Block {
  kind: 'block';
  name: string;
  branches: readonly (readonly Layer[])[];
}

/** A residual connection: the layers' output, multiplied by a scale, is added to their input. */
export interface Residual {
  kind: 'residual';
  name: string;
  scale: number;
  layers: readonly Layer[];
  activation: Activation;
}

/** A layer that is a single operation. */
export type SimpleLayer =
  | Convolution
  | Pooling
  | AveragePooling
  | ResponseNormalisation
  | Flattening
  | FullyConnected
  | Dropout
  | Normalisation;

/** A layer, simple or composite. */
export type Layer = SimpleLayer | Block | Residual;

/** A network as data: its input and its layers in order. */
export interface Architecture {
  name: string;
  /** The publication, or a note that the design is our own. */
  source: string;
  /** The input image: height, width and channels. */
  input: readonly [height: number, width: number, channels: number];
  /** The rows of the published table. Their names are unique. */
  layers: readonly Layer[];
  /** A prefix for all weight names, for networks whose published weights have one. */
  scope?: string;
}

/** The properties of a convolution that have defaults. */
type ConvolutionOptions = Partial<Pick<Convolution, 'stride' | 'padding' | 'offset' | 'activation'>>;

/** A convolution, by default with stride 1, `same` padding and ReLU, without bias and batch normalisation. */
export function convolution(
  name: string,
  filters: number,
  kernel: number | readonly [number, number],
  { stride = 1, padding = 'same', offset = 'none', activation = 'relu' }: ConvolutionOptions = {},
): Convolution {
  const sides = typeof kernel === 'number' ? ([kernel, kernel] as const) : kernel;
  return { kind: 'convolution', name, filters, kernel: sides, stride, padding, offset, activation };
}

/** Pooling over windows of 3×3. */
export function pooling(name: string, of: 'max' | 'l2', stride: number, padding: Pooling['padding'] = 'same'): Pooling {
  return { kind: `${of}-pooling`, name, size: 3, stride, padding };
}

/** A fully connected layer without bias and activation. */
export function fullyConnected(name: string, units: number, { maxout = 1 } = {}): FullyConnected {
  return { kind: 'fully-connected', name, units, maxout, offset: 'none', activation: 'linear' };
}

/** Successive layers under one name. */
export function sequence(name: string, ...layers: Layer[]): Block {
  return { kind: 'block', name, branches: [layers] };
}
