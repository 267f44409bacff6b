/** As much of jsfive as is used here: it has no declarations of its own. */
declare module 'jsfive' {
  /** A group of an HDF5 file. */
  export class Group {
    readonly keys: string[];
    get(name: string): Group | Dataset;
  }

  /** A file, which is its root group. */
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string);
  }

  /** An array of numbers. */
  export class Dataset {
    readonly shape: number[];
    /** As NumPy writes it. */
    readonly dtype: string;
    readonly value: unknown;
  }
}
