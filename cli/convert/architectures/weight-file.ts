/** A float32 tensor. */
export interface StoredTensor {
  shape: readonly number[];
  values: Float32Array;
}

/** The contents of a file that holds weights without their network. */
export interface WeightFile {
  /** The weights by their names in the file. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** The names that a weight of an architecture can have in the file, the most common first. */
  namesOf(weight: string): readonly [string, ...string[]];
}
