import { loadLanes } from './arithmetic';
import { transformFilter } from './winograd-transforms';

// Filters, brought into the order in which the convolutions read them.

/**
 * For each eight channels of the output, each tap and each input (also those that only pad, whose weights stay zeros), the
 * eight weights.
 *
 * @param filter the taps, inputs and outputs of a filter, each output four bytes.
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
 * The same for Winograd's minimal filtering with tiles of `size` outputs: G g Gᵀ, whose places stand for the taps.
 *
 * @param scratch room for a filter on its way: a vector for each place, and for each tap.
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
  const place = paddedInputs * 32;
  const taps = scratch + side * side * 16;
  for (let first = 0; first < outputs; first += 4) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < 9; tap++) {
        v128.store(
          taps + tap * 16,
          loadLanes(filter + ((tap * inputs + input) * outputs + first) * 4, outputs - first),
        );
      }
      // Two halves of a block of eight lie side by side.
      const to = output + (first >> 3) * side * side * place + input * 32 + (first & 4) * 4;
      transformFilter(size, 3, taps, 48, 16, scratch, 48, 16);
      transformFilter(size, side, scratch, 16, 48, to, place, side * place);
    }
  }
}
