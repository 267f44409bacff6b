import { loadLanes } from './arithmetic';

// Filters, brought into the order in which the convolutions read them.

/**
 * For each eight channels of the output, each tap and each input (also those that only pad, whose weights stay zeros), the
 * eight weights.
 *
 * @param filter the taps, inputs and outputs of a filter, each output four bytes.
 */
export function pack(filter: usize, taps: i32, inputs: i32, outputs: i32, inputsThere: i32, output: usize): void {
  for (let first = 0; first < outputs; first += 8) {
    const left = outputs - first;
    for (let tap = 0; tap < taps; tap++) {
      let from = filter + (tap * inputs * outputs + first) * 4;
      let to = output + (first * taps + tap * 8) * inputsThere * 4;
      for (let input = 0; input < inputs; input++, from += outputs * 4, to += 32) {
        v128.store(to, loadLanes(from, left));
        v128.store(to, loadLanes(from + 16, left - 4), 16);
      }
    }
  }
}

/** The same for Winograd's minimal filtering: G g Gᵀ, whose 16 places stand for the taps. */
export function packMinimal(filter: usize, inputs: i32, outputs: i32, inputsThere: i32, output: usize): void {
  const tap = inputs * outputs * 4;
  const place = inputsThere * 32;
  for (let first = 0; first < outputs; first += 4) {
    const left = outputs - first;
    for (let input = 0; input < inputs; input++) {
      const from = filter + (input * outputs + first) * 4;
      // Two halves of a block of eight lie side by side.
      const to = output + (first >> 3) * 16 * place + input * 32 + (first & 4) * 4;
      for (let row = 0; row < 4; row++) {
        const at = to + row * 4 * place;
        const a = transformed(from, 3 * tap, left, row);
        const b = transformed(from + tap, 3 * tap, left, row);
        const c = transformed(from + 2 * tap, 3 * tap, left, row);
        const half = f32x4.splat(0.5);
        v128.store(at, a);
        v128.store(at + place, f32x4.mul(half, f32x4.add(f32x4.add(a, b), c)));
        v128.store(at + 2 * place, f32x4.mul(half, f32x4.add(f32x4.sub(a, b), c)));
        v128.store(at + 3 * place, c);
      }
    }
  }
}

/** A row of G times a column of three taps, of which the next is `step` bytes further. */
function transformed(from: usize, step: i32, left: i32, row: i32): v128 {
  const a = loadLanes(from, left);
  const c = loadLanes(from + 2 * step, left);
  if (row === 0) return a;
  if (row === 3) return c;
  const b = loadLanes(from + step, left);
  const sum = row === 1 ? f32x4.add(f32x4.add(a, b), c) : f32x4.add(f32x4.sub(a, b), c);
  return f32x4.mul(f32x4.splat(0.5), sum);
}
