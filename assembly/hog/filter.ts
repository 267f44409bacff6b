/** The bytes of 16 floats. */
const blockBytes = 64;

/**
 * Adds the answers of a filter that is the product of a row and a column to the scores, 16 or 4 columns at once, SIMD.
 *
 * @param plane the plane that is filtered. Its rows, those of `sums` and those of `scores` are `stride` bytes apart.
 * @param rowLength the number of weights of the row, `columnLength` that of the column.
 * @param sums room for `rows` + `columnLength` − 1 rows.
 * @param bytes the bytes of a row of scores, a multiple of 16.
 */
export function addFilter(
  plane: usize,
  stride: u32,
  row: usize,
  rowLength: i32,
  column: usize,
  columnLength: i32,
  sums: usize,
  scores: usize,
  bytes: u32,
  rows: i32,
): void {
  const sumRows = rows + columnLength - 1;
  for (let y = 0; y < sumRows; y++) sumRow(plane + y * stride, sums + y * stride, row, rowLength, bytes);
  for (let y = 0; y < rows; y++) addColumn(sums + y * stride, stride, scores + y * stride, column, columnLength, bytes);
}

/** Filters a row. */
function sumRow(from: usize, to: usize, weights: usize, count: i32, bytes: u32): void {
  const end = to + bytes;
  const lastWeight = weights + ((<usize>count) << 2);
  for (; to + blockBytes <= end; to += blockBytes, from += blockBytes) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let values = from;
    for (let at = weights; at < lastWeight; at += 4, values += 4) {
      const weight = v128.load32_splat(at);
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(values), weight));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(values, 16), weight));
      sum2 = f32x4.add(sum2, f32x4.mul(v128.load(values, 32), weight));
      sum3 = f32x4.add(sum3, f32x4.mul(v128.load(values, 48), weight));
    }
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    v128.store(to, sum2, 32);
    v128.store(to, sum3, 48);
  }
  for (; to < end; to += 16, from += 16) {
    let sum = f32x4.splat(0);
    let values = from;
    for (let at = weights; at < lastWeight; at += 4, values += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(values), v128.load32_splat(at)));
    }
    v128.store(to, sum);
  }
}

/** Filters the columns of one row of scores. */
function addColumn(from: usize, stride: u32, to: usize, weights: usize, count: i32, bytes: u32): void {
  const end = to + bytes;
  const lastWeight = weights + ((<usize>count) << 2);
  for (; to + blockBytes <= end; to += blockBytes, from += blockBytes) {
    let sum0 = v128.load(to);
    let sum1 = v128.load(to, 16);
    let sum2 = v128.load(to, 32);
    let sum3 = v128.load(to, 48);
    let values = from;
    for (let at = weights; at < lastWeight; at += 4, values += stride) {
      const weight = v128.load32_splat(at);
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(values), weight));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(values, 16), weight));
      sum2 = f32x4.add(sum2, f32x4.mul(v128.load(values, 32), weight));
      sum3 = f32x4.add(sum3, f32x4.mul(v128.load(values, 48), weight));
    }
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    v128.store(to, sum2, 32);
    v128.store(to, sum3, 48);
  }
  for (; to < end; to += 16, from += 16) {
    let sum = v128.load(to);
    let values = from;
    for (let at = weights; at < lastWeight; at += 4, values += stride) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(values), v128.load32_splat(at)));
    }
    v128.store(to, sum);
  }
}
