import { loadLanes } from './arithmetic';
import { transformFilter } from './winograd-transforms';

// Rearranges filters into the order in which the convolutions read them.

/**
 * Packs a filter for `convolution`: for each block of 8 output channels, each tap and each input, 8 weights.
 *
 * @param filter floats in the order taps, inputs, outputs.
 * @param paddedInputs the inputs in memory. The weights of those past `inputs` are not written and must be 0.
 */
export function pack(filter: usize, taps: i32, inputs: i32, outputs: i32, paddedInputs: i32, output: usize): void {
  for (let first = 0; first < outputs; first += 8) {
    const left = outputs - first;
    for (let tap = 0; tap < taps; tap++) {
      let from = filter + (tap * inputs * outputs + first) * 4;
      let to = output + (first * taps + tap * 8) * paddedInputs * 4;
      for (let input = 0; input < inputs; input++, from += outputs * 4, to += 32) {
        v128.store(to, loadLanes(from, left));
        v128.store(to, loadLanes(from + 16, left - 4), 16);
      }
    }
  }
}

/**
 * Packs a filter for `winograd`: for each block of 8 output channels, each element of G g Gᵀ and each input, 8 weights.
 *
 * @param size the side of a tile of outputs, 2 or 4.
 * @param scratch memory for a vector for each element and each tap.
 */
export function packMinimal(
  filter: usize,
  inputs: i32,
  outputs: i32,
  paddedInputs: i32,
  size: i32,
  scratch: usize,
  output: usize,
): void {
  const side = size + 2;
  const elementBytes = paddedInputs * 32;
  const taps = scratch + side * side * 16;
  for (let first = 0; first < outputs; first += 4) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < 9; tap++) {
        v128.store(
          taps + tap * 16,
          loadLanes(filter + ((tap * inputs + input) * outputs + first) * 4, outputs - first),
        );
      }
      // A block of 8 channels consists of two vectors.
      const to = output + (first >> 3) * side * side * elementBytes + input * 32 + (first & 4) * 4;
      transformFilter(size, 3, taps, 48, 16, scratch, 48, 16);
      transformFilter(size, side, scratch, 16, 48, to, elementBytes, side * elementBytes);
    }
  }
}
