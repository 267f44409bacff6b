import type { Preprocessing } from '../../../lib/models/manifest.ts';
import { selfCheckPixels, toInput } from '../../../lib/runtime/preprocess.ts';

/** A network on a runtime, ready to be timed. */
export interface RuntimeSubject {
  /** Runs the network a number of times. @returns the milliseconds of each run. */
  time(runs: number): Promise<number[]>;
  /** The outputs for the input of {@link inputOf}, as plain arrays. */
  outputs(): Promise<number[][]>;
  /** Frees the network. */
  dispose(): void;
}

/** A subject whose run is one function. */
export function subjectOf(run: () => Promise<ArrayLike<number>[]>, dispose: () => void): RuntimeSubject {
  return {
    async time(runs) {
      const times: number[] = [];
      for (let i = 0; i < runs; i++) {
        const start = performance.now();
        await run();
        times.push(performance.now() - start);
      }
      return times;
    },
    outputs: async () => (await run()).map((values) => Array.from(values)),
    dispose,
  };
}

/** The normalised input that all runtimes get: the self-check image. NHWC, or NCHW if `channelsFirst`. */
export function inputOf(preprocessing: Preprocessing, channelsFirst: boolean): Float32Array {
  const values = toInput([selfCheckPixels(preprocessing)], preprocessing);
  if (!channelsFirst) return values;
  const pixels = preprocessing.width * preprocessing.height;
  return Float32Array.from(values, (_, i) => values[(i % pixels) * 3 + Math.floor(i / pixels)] as number);
}
