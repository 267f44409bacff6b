import { multiplyAdd } from './arithmetic';

// The matrices of Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308, section 4), each times columns of vectors.
// `size` is the side of a tile of outputs, 2 or 4. Within a column a vector lies `step` bytes behind the one before it, its
// transform `toStep` bytes; from one column to the next it is `next` and `toNext`. All of a column is read before anything of
// it is written, so that it may be written over.

/** Bᵀ times the `size` + 2 inputs of each column: as many places. */
export function transformInputs(
  size: i32,
  columns: i32,
  from: usize,
  step: usize,
  next: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (; columns > 0; columns--, from += next, to += toNext) {
    const a = v128.load(from);
    const b = v128.load(from + step);
    const c = v128.load(from + 2 * step);
    const d = v128.load(from + 3 * step);
    if (size === 2) {
      v128.store(to, f32x4.sub(a, c));
      v128.store(to + toStep, f32x4.add(b, c));
      v128.store(to + 2 * toStep, f32x4.sub(c, b));
      v128.store(to + 3 * toStep, f32x4.sub(b, d));
      continue;
    }
    const e = v128.load(from + 4 * step);
    const f = v128.load(from + 5 * step);
    const even4 = plus(e, -4, c);
    const odd4 = plus(d, -4, b);
    const even1 = f32x4.sub(e, c);
    const odd1 = f32x4.sub(d, b);
    v128.store(to, plus(plus(e, -5, c), 4, a));
    v128.store(to + toStep, f32x4.add(even4, odd4));
    v128.store(to + 2 * toStep, f32x4.sub(even4, odd4));
    v128.store(to + 3 * toStep, plus(even1, 2, odd1));
    v128.store(to + 4 * toStep, plus(even1, -2, odd1));
    v128.store(to + 5 * toStep, plus(plus(f, -5, d), 4, b));
  }
}

/** Aᵀ times the products of the `size` + 2 places of each column: `size` outputs. */
export function transformProducts(
  size: i32,
  columns: i32,
  from: usize,
  step: usize,
  next: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (; columns > 0; columns--, from += next, to += toNext) {
    const a = v128.load(from);
    const b = v128.load(from + step);
    const c = v128.load(from + 2 * step);
    const d = v128.load(from + 3 * step);
    const sum = f32x4.add(b, c);
    const difference = f32x4.sub(b, c);
    if (size === 2) {
      v128.store(to, f32x4.add(a, sum));
      v128.store(to + toStep, f32x4.sub(difference, d));
      continue;
    }
    const e = v128.load(from + 4 * step);
    const f = v128.load(from + 5 * step);
    const sum2 = f32x4.add(d, e);
    const difference2 = f32x4.sub(d, e);
    v128.store(to, f32x4.add(f32x4.add(a, sum), sum2));
    v128.store(to + toStep, plus(difference, 2, difference2));
    v128.store(to + 2 * toStep, plus(sum, 4, sum2));
    v128.store(to + 3 * toStep, f32x4.add(plus(difference, 8, difference2), f));
  }
}

/** G times the three taps of each column of a filter: `size` + 2 places. */
export function transformFilter(
  size: i32,
  columns: i32,
  from: usize,
  step: usize,
  next: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (; columns > 0; columns--, from += next, to += toNext) {
    const a = v128.load(from);
    const b = v128.load(from + step);
    const c = v128.load(from + 2 * step);
    const outer = f32x4.add(a, c);
    if (size === 2) {
      v128.store(to, a);
      v128.store(to + toStep, times(0.5, f32x4.add(outer, b)));
      v128.store(to + 2 * toStep, times(0.5, f32x4.sub(outer, b)));
      v128.store(to + 3 * toStep, c);
      continue;
    }
    const far = times(1 / 24, plus(a, 4, c));
    v128.store(to, times(0.25, a));
    v128.store(to + toStep, times(-1 / 6, f32x4.add(outer, b)));
    v128.store(to + 2 * toStep, times(-1 / 6, f32x4.sub(outer, b)));
    v128.store(to + 3 * toStep, plus(far, 1 / 12, b));
    v128.store(to + 4 * toStep, plus(far, -1 / 12, b));
    v128.store(to + 5 * toStep, c);
  }
}

function times(factor: f32, value: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), value);
}

/** sum + factor · value. */
function plus(sum: v128, factor: f32, value: v128): v128 {
  return multiplyAdd(f32x4.splat(factor), value, sum);
}
