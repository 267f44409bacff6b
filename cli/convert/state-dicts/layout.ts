import type { StoredTensor } from '../architectures/weight-file.ts';

/** The tensors of a state dict, by name. */
export type StateDict = ReadonlyMap<string, StoredTensor>;

/** A layer, or a group of layers, of a network in PyTorch. `name` is that of its module, and the beginning of its tensors' names. */
export type Layer =
  | {
      kind: 'convolution';
      name: string;
      /** Output channels. */
      out: number;
      /** Side of the window. Default: 1. */
      size?: number;
      /** Default: 1. */
      stride?: number;
      /** Pixels of zeros on each side. Default: 0. */
      padding?: number;
      /** One filter for each channel. */
      depthwise?: true;
      bias?: true;
    }
  | { kind: 'linear'; name: string; out: number; bias?: true }
  /** With the epsilon 10⁻⁵. */
  | { kind: 'batch-normalisation'; name: string; affine?: false }
  | { kind: 'prelu'; name: string }
  | { kind: 'relu' | 'sigmoid' | 'flatten' | 'global-average' }
  | { kind: 'max-pooling'; size: number; stride: number; ceil?: true }
  /** Flattens an image column by column, with the channels of a pixel together: permute(0, 3, 2, 1) and view. */
  | { kind: 'flatten-by-columns' }
  /** Softmax over the channels. */
  | { kind: 'softmax' }
  /** The values of a pixel together, as the detectors of facenet-web read them. */
  | { kind: 'channels-last' }
  /** The sum of two branches. An empty one is the input. */
  | { kind: 'sum'; body: readonly Layer[]; shortcut: readonly Layer[] }
  /** The product of the input and of a branch with one value for each channel. */
  | { kind: 'gate'; layers: readonly Layer[] };

/** A network of one state dict, as data. */
export interface Network {
  /** Height and width of the input, an RGB image. */
  input: readonly [height: number, width: number];
  /** Whether the network takes larger images too. */
  takesAnySize?: true;
  layers: readonly Layer[];
  /** The branches at the end, by the names of the outputs. One without layers is the result of the layers. */
  outputs: Readonly<Record<string, readonly Layer[]>>;
}

/** A published layout of state dicts. */
export interface Layout {
  /** The name for messages, with the code that writes it. */
  name: string;
  /** Whether a state dict has the layout's characteristic tensor. */
  recognises(tensors: StateDict): boolean;
  /** The network whose sizes fit the tensors. */
  network(tensors: StateDict): Network;
  /** Tensors that do not contribute to the outputs, such as a classifier. */
  ignored?: RegExp;
}

/** The numbers that follow a prefix in the names of tensors, such as those of `body.0.` and `body.1.`: their count. */
export function countOf(tensors: StateDict, prefix: string): number {
  const numbers = [...tensors.keys()].flatMap((name) => {
    const rest = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    return Number.isNaN(rest) ? [] : [rest];
  });
  return Math.min(Math.max(-1, ...numbers) + 1, maxBlocks);
}

/** More blocks than the largest published network has. */
const maxBlocks = 256;

/** A size of a tensor, at least 1; 1 for a tensor that is missing. */
export function sizeOf(tensors: StateDict, name: string, axis = 0): number {
  return Math.max(1, tensors.get(name)?.shape[axis] ?? 1);
}
