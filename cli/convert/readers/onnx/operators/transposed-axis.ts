/** A transposed convolution along one axis. */
interface Definition {
  /** The size of the input. */
  input: number;
  /** The number of weights. */
  kernel: number;
  stride: number;
  dilation: number;
  /** The position of the output's first element in the full result: the padding before it. */
  start: number;
  /** The size of the output. */
  output: number;
}

/** One weight in the filter of the phases. */
interface WeightPlace {
  /** The index of the weight. */
  weight: number;
  /** The output positions that read it: `phase`, `phase + stride`, … */
  phase: number;
  /** Its index in the filter of that phase. */
  tap: number;
}

/** A transposed convolution along one axis, as `stride` ordinary convolutions of the stride 1 over the padded input. */
export interface TransposedAxis extends Definition {
  /** The length of each filter. */
  taps: number;
  /** Zeros before the input. */
  before: number;
  /** Zeros after the input for ⌈output / stride⌉ results; the results have more if it is negative. */
  after: number;
  places: readonly WeightPlace[];
}

/**
 * Splits a transposed convolution along an axis into phases. The output at o is the sum of x[i] · w[k] over all i and k with
 * i · stride + k · dilation = o + start. For o = n · stride + phase, i is n plus a number that depends on the phase and k alone.
 */
export function phasesOf(definition: Definition): TransposedAxis {
  const { input, kernel, stride, dilation, start, output } = definition;
  const found = Array.from({ length: kernel }, (_, weight) => {
    const phase = (((weight * dilation - start) % stride) + stride) % stride;
    return { weight, phase, shift: (phase + start - weight * dilation) / stride };
  });
  const shifts = found.map(({ shift }) => shift);
  const first = Math.min(0, ...shifts);
  const last = Math.max(...shifts, first);
  const results = Math.ceil(output / stride);
  return {
    ...definition,
    taps: last - first + 1,
    before: -first,
    after: results - 1 + last - (input - 1),
    places: found.map(({ weight, phase, shift }) => ({ weight, phase, tap: shift - first })),
  };
}
