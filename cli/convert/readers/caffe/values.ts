import type { PriorGrid } from '../../../../lib/models/manifest.ts';
import { damaged } from '../../errors.ts';
import type { CaffeLayer } from './network.ts';

/** A layer's output: an image, with height, width and channels as its axes. */
export interface ImageValue {
  kind: 'image';
  node: string;
  height: number;
  width: number;
  channels: number;
  /** A scale and a shift of the channels that no node applies yet. */
  affine?: { scale: Float32Array; shift: Float32Array };
}

/** An image whose channels a `Permute` layer moved to the end. In the graph they are there already. */
export interface PermutedValue {
  kind: 'permuted';
  node: string;
  length: number;
}

/** One value after the other. */
export interface FlatValue {
  kind: 'flat';
  node: string;
  length: number;
}

/** Rows of values. */
export interface RowsValue {
  kind: 'rows';
  node: string;
  rows: number;
  columns: number;
}

/** Prior boxes: data, not a node. */
export interface PriorsValue {
  kind: 'priors';
  grids: PriorGrid[];
  variances: [number, number, number, number];
  isClipped: boolean;
}

/** What a layer computes, as far as it is known when the network is converted. */
export type CaffeValue = ImageValue | PermutedValue | FlatValue | RowsValue | PriorsValue;

/** An input of a layer, which must be of one kind. @throws {FaceNetError} `model-file-damaged` for another kind. */
export function ofKind<Kind extends CaffeValue['kind']>(
  { name }: CaffeLayer,
  value: CaffeValue | undefined,
  kind: Kind,
): Extract<CaffeValue, { kind: Kind }> {
  if (value?.kind === kind) return value as Extract<CaffeValue, { kind: Kind }>;
  throw damaged(`The layer "${name}" of the .prototxt cannot follow the layers before it`);
}

/** The values of a blob. @throws {FaceNetError} `model-file-damaged` if it has another length. */
export function blobOf({ name, blobs }: CaffeLayer, index: number, length: number): Float32Array {
  const blob = blobs[index];
  if (blob?.length === length) return blob;
  throw damaged(
    `The .caffemodel has ${blob?.length ?? 'no'} weights for the layer "${name}" that needs ${length}, so that it may belong to another .prototxt`,
  );
}
