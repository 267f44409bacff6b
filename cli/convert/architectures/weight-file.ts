/** A tensor as a file of weights has it. */
export interface StoredTensor {
  shape: readonly number[];
  values: Float32Array;
}

/** Weights without a network: what a file holds that relies on a program to know the topology. */
export interface WeightFile {
  /** Every weight, by its name in the file. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** What the file may call a weight of a description, the usual name first. */
  namesOf(weight: string): readonly [string, ...string[]];
}
