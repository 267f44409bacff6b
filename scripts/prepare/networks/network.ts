import type { ModelDescriptor, Preprocessing } from '../../../lib/models/manifest.ts';

/** A descriptor before its files are written. */
export type DescriptorWithoutFiles<T> = T extends ModelDescriptor ? Omit<T, 'files'> : never;

/** A network to write: its descriptor, and its files below the folder of its name. */
export interface Network {
  descriptor: DescriptorWithoutFiles<ModelDescriptor>;
  files: { path: string; bytes: Uint8Array }[];
}

/** RGB images of `size`×`size`, scaled to −1 to 1. */
export function symmetricRange(size: number): Preprocessing {
  return { width: size, height: size, channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
}

/** RGB images of `size`×`size`, scaled to 0 to 1. */
export function unitRange(size: number): Preprocessing {
  return { width: size, height: size, channels: 'rgb', mean: [0, 0, 0], std: [255, 255, 255] };
}
