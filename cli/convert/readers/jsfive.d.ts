/** The part of jsfive that is used here. The package has no type declarations. */
declare module 'jsfive' {
  /** A group of an HDF5 file. */
  export class Group {
    readonly keys: string[];
    get(name: string): Group | Dataset;
  }

  /** A file, as its root group. */
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string);
  }

  /** An array. */
  export class Dataset {
    readonly shape: number[];
    /** The type in NumPy's notation, such as `<f4`. */
    readonly dtype: string;
    readonly value: unknown;
    /** How the array is stored. jsfive has no public property for it. */
    readonly _dataobjects: {
      /** The shape of a chunk; null for a dataset in one piece. */
      readonly chunks: number[] | null;
    };
  }
}
