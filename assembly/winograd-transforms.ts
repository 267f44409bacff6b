import { multiplyAdd } from './arithmetic';

// The transforms of Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308, section 4): each multiplies columns
// of vectors by one of the matrices Bᵀ, Aᵀ and G. `size` is the side of a tile of outputs, 2 or 4. `step` and `toStep`
// are the bytes from one vector of a column to the next in the source and the target, `next` and `toNext` those from
// one column to the next. A column is read before it is written, so a transform can be in place.

/** Multiplies columns of `size` + 2 inputs by Bᵀ: `size` + 2 elements each. */
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
    const even4 = addScaled(e, -4, c);
    const odd4 = addScaled(d, -4, b);
    const even1 = f32x4.sub(e, c);
    const odd1 = f32x4.sub(d, b);
    v128.store(to, addScaled(addScaled(e, -5, c), 4, a));
    v128.store(to + toStep, f32x4.add(even4, odd4));
    v128.store(to + 2 * toStep, f32x4.sub(even4, odd4));
    v128.store(to + 3 * toStep, addScaled(even1, 2, odd1));
    v128.store(to + 4 * toStep, addScaled(even1, -2, odd1));
    v128.store(to + 5 * toStep, addScaled(addScaled(f, -5, d), 4, b));
  }
}

/** Multiplies columns of `size` + 2 products by Aᵀ: `size` outputs each. */
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
    v128.store(to + toStep, addScaled(difference, 2, difference2));
    v128.store(to + 2 * toStep, addScaled(sum, 4, sum2));
    v128.store(to + 3 * toStep, f32x4.add(addScaled(difference, 8, difference2), f));
  }
}

/** Multiplies columns of three taps by G: `size` + 2 elements each. */
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
      v128.store(to + toStep, scaled(0.5, f32x4.add(outer, b)));
      v128.store(to + 2 * toStep, scaled(0.5, f32x4.sub(outer, b)));
      v128.store(to + 3 * toStep, c);
      continue;
    }
    const outer4 = scaled(1 / 24, addScaled(a, 4, c));
    v128.store(to, scaled(0.25, a));
    v128.store(to + toStep, scaled(-1 / 6, f32x4.add(outer, b)));
    v128.store(to + 2 * toStep, scaled(-1 / 6, f32x4.sub(outer, b)));
    v128.store(to + 3 * toStep, addScaled(outer4, 1 / 12, b));
    v128.store(to + 4 * toStep, addScaled(outer4, -1 / 12, b));
    v128.store(to + 5 * toStep, c);
  }
}

function scaled(factor: f32, value: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), value);
}

/** sum + factor · value */
function addScaled(sum: v128, factor: f32, value: v128): v128 {
  return multiplyAdd(f32x4.splat(factor), value, sum);
}
