/** The bytes of the 18 values of a cell. */
const cellBytes = 72;

/**
 * Adds up the gradients of each cell by orientation, 1 pixel × 3 channels, SIMD. Each pixel votes with the length of its gradient, in the
 * strongest of its colours, for the four nearest cells.
 *
 * @param lastColumn the index after the last column that votes; `lastRow` that after the last row. The first ones are 1.
 * @param groupsEnd the column from which on the first of equally strong colours counts instead of the last.
 * @param cells for each column, the offset of the cell to its left; `shares` its share for the next one.
 * @param cellRows for each row, the offset of the row of cells above; `downs` its share for the next one.
 * @param orientations the orientation of each gradient, at (dy + 255) · 511 + dx + 255.
 * @param below the bytes of a row of cells.
 */
export function addGradients(
  image: usize,
  stride: u32,
  lastColumn: i32,
  lastRow: i32,
  groupsEnd: i32,
  cells: usize,
  shares: usize,
  cellRows: usize,
  downs: usize,
  orientations: usize,
  histograms: usize,
  below: u32,
): void {
  for (let y = 1; y < lastRow; y++) {
    const row = histograms + load<u32>(cellRows + ((<usize>y) << 2));
    const down = load<f32>(downs + ((<usize>y) << 2));
    const up = <f32>1 - down;
    let at = image + y * stride + 4;
    for (let x = 1; x < lastColumn; x++, at += 4) {
      const after = v128.load_lane<u32>(at + stride, v128.load32_zero(at + 4), 1);
      const before = v128.load_lane<u32>(at - stride, v128.load32_zero(at - 4), 1);
      const steps = i16x8.sub(i16x8.extend_low_i8x16_u(after), i16x8.extend_low_i8x16_u(before));
      const pairs = v128.shuffle<i16>(steps, steps, 0, 4, 1, 5, 2, 6, 3, 7);
      const squares = i32x4.dot_i16x8_s(pairs, pairs);
      const tie = <i32>(x < groupsEnd);
      let square = i32x4.extract_lane(squares, 0);
      let pair = i32x4.extract_lane(pairs, 0);
      const second = i32x4.extract_lane(squares, 1);
      let isStronger = second + tie > square;
      square = select(second, square, isStronger);
      pair = select(i32x4.extract_lane(pairs, 1), pair, isStronger);
      const third = i32x4.extract_lane(squares, 2);
      isStronger = third + tie > square;
      square = select(third, square, isStronger);
      pair = select(i32x4.extract_lane(pairs, 2), pair, isStronger);
      if (square === 0) continue;
      const length = sqrt<f32>(<f32>square);
      const across = load<f32>(shares + ((<usize>x) << 2)) * length;
      const back = length - across;
      const orientation = load<u8>(orientations + ((pair >> 16) + 255) * 511 + <i32>(<i16>pair) + 255);
      const to = row + load<u32>(cells + ((<usize>x) << 2)) + ((<usize>orientation) << 2);
      store<f32>(to, load<f32>(to) + up * back);
      store<f32>(to, load<f32>(to, cellBytes) + up * across, cellBytes);
      const under = to + below;
      store<f32>(under, load<f32>(under) + down * back);
      store<f32>(under, load<f32>(under, cellBytes) + down * across, cellBytes);
    }
  }
}
