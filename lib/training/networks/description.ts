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
  /** Which layer this is. */
  kind: 'convolution';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The number of filters: the channels of the output. */
  filters: number;
  /** The size of the filters in pixels. */
  kernel: readonly [height: number, width: number];
  /** The step between two positions of a filter, in pixels. */
  stride: number;
  /** `same` pads with zeros, so that the output size is the input size divided by the stride. `valid` does not pad. */
  padding: 'same' | 'valid';
  /** What is added to the products. */
  offset: Offset;
  /** The function that is applied to the result. */
  activation: Activation;
}

/** Pooling over a square window: the maximum, or the Euclidean norm (L2) of its values. */
export interface Pooling {
  /** Which layer this is. */
  kind: 'max-pooling' | 'l2-pooling';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The side of the window, in pixels. */
  size: number;
  /** The step between two windows, in pixels. */
  stride: number;
  /** `same` pads the image, so that the output size is the input size divided by the stride. `valid` does not pad. */
  padding: 'same' | 'valid';
}

/** The mean of each channel over the whole image, as a vector. */
export interface AveragePooling {
  /** Which layer this is. */
  kind: 'average-pooling';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
}

/** Local response normalisation across neighbouring channels (Krizhevsky et al., NIPS 2012, section 3.3). */
export interface ResponseNormalisation {
  /** Which layer this is. */
  kind: 'response-normalisation';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
}

/** Reshapes an image into a vector. */
export interface Flattening {
  /** Which layer this is. */
  kind: 'flattening';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
}

/** A fully connected layer. */
export interface FullyConnected {
  /** Which layer this is. */
  kind: 'fully-connected';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The length of the output. */
  units: number;
  /** The products per unit, of which the unit takes the maximum (maxout, Goodfellow et al., ICML 2013). 1 is a plain layer. */
  maxout: number;
  /** What is added to the products. */
  offset: Offset;
  /** The function that is applied to the result. */
  activation: Activation;
}

/** Dropout: while training, sets a random share of the values to 0 and scales up the others. */
export interface Dropout {
  /** Which layer this is. */
  kind: 'dropout';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The share of values set to 0, from 0 to below 1. */
  rate: number;
}

/** Scales a vector to length 1. */
export interface Normalisation {
  /** Which layer this is. */
  kind: 'l2-normalisation';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
}

/** Branches with a common input. Their outputs are concatenated along the channels. */
export interface Block {
  /** Which layer this is. */
  kind: 'block';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The layers of each branch, in order. */
  branches: readonly (readonly Layer[])[];
}

/** A residual connection: the layers' output, multiplied by a scale, is added to their input. */
export interface Residual {
  /** Which layer this is. */
  kind: 'residual';
  /** The name, unique in its network or block. The names of its weights begin with it. */
  name: string;
  /** The factor of the layers' output. */
  scale: number;
  /** The layers, in order. Their output has the shape of their input. */
  layers: readonly Layer[];
  /** The function that is applied to the sum. */
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
  /** The name of the network. */
  name: string;
  /** The publication, or a note that the design is our own. */
  source: string;
  /** The input image: height, width and channels. */
  input: readonly [height: number, width: number, channels: number];
  /** The rows of the published table. Their names are unique. */
  layers: readonly Layer[];
  /** A prefix for all weight names, for networks whose published weights have one. Default: none. */
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
