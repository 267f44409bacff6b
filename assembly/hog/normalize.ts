/** The bytes of the 18 values of a cell. */
const cellBytes = 72;

/** Keeps a cell without gradients from a division by zero. */
const epsilon: f32 = 0.0001;

/** The sum of the squared unsigned gradients of each cell. @param count the number of cells. */
export function addEnergies(histograms: usize, energies: usize, count: i32): void {
  for (let i = 0; i < count; i++, histograms += cellBytes, energies += 4) {
    const first = f32x4.add(v128.load(histograms), v128.load(histograms, 36));
    const second = f32x4.add(v128.load(histograms, 16), v128.load(histograms, 52));
    const last = load<f32>(histograms, 32) + load<f32>(histograms, 68);
    store<f32>(energies, sumOf(f32x4.add(f32x4.mul(first, first), f32x4.mul(second, second))) + last * last);
  }
}

/** The limits of the values of a cell by the energies of its four blocks, and the factors that normalise them. */
let limits0: v128 = i32x4.splat(0);
let limits1: v128 = i32x4.splat(0);
let limits2: v128 = i32x4.splat(0);
let limits3: v128 = i32x4.splat(0);
let factors0: v128 = i32x4.splat(0);
let factors1: v128 = i32x4.splat(0);
let factors2: v128 = i32x4.splat(0);
let factors3: v128 = i32x4.splat(0);

/**
 * Normalises the histograms by the energy of the four blocks of 2 × 2 cells that contain each cell, 4 orientations of one cell, SIMD.
 *
 * @param cellColumns the columns of cells, with a margin of two on each side.
 * @param planes where the values of the first cell are written, in the first of 31 planes.
 * @param planeRow the bytes of a row of a plane; `planeBytes` those of a plane.
 */
export function normalize(
  histograms: usize,
  energies: usize,
  cellColumns: i32,
  columns: i32,
  rows: i32,
  planes: usize,
  planeRow: u32,
  planeBytes: u32,
): void {
  const row = (<usize>cellColumns) << 2;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const cell = (y + 2) * cellColumns + x + 2;
      const energy = energies + ((<usize>cell) << 2);
      // In dlib's order: below right, above right, below left, above left.
      const a = limitOf(energy, row);
      const b = limitOf(energy - row, row);
      const c = limitOf(energy - 4, row);
      const d = limitOf(energy - row - 4, row);
      setLimits(a, b, c, d);
      normalizeCell(histograms + cell * cellBytes, planes + y * planeRow + ((<usize>x) << 2), planeBytes);
    }
  }
}

/** The largest value of a cell, in gradients, by the energy of the block of 2 × 2 cells from a corner on. */
function limitOf(corner: usize, row: usize): f32 {
  const energy = load<f32>(corner) + load<f32>(corner, 4) + load<f32>(corner + row) + load<f32>(corner + row, 4);
  return <f32>0.2 * sqrt<f32>(energy + epsilon);
}

function setLimits(a: f32, b: f32, c: f32, d: f32): void {
  limits0 = f32x4.splat(a);
  limits1 = f32x4.splat(b);
  limits2 = f32x4.splat(c);
  limits3 = f32x4.splat(d);
  factors0 = f32x4.splat(<f32>0.1 / a);
  factors1 = f32x4.splat(<f32>0.1 / b);
  factors2 = f32x4.splat(<f32>0.1 / c);
  factors3 = f32x4.splat(<f32>0.1 / d);
}

/** Writes the 31 values of a cell: each is the sum of its normalisations by four blocks. */
function normalizeCell(from: usize, to: usize, planeBytes: u32): void {
  let texture0 = f32x4.splat(0);
  let texture1 = f32x4.splat(0);
  let texture2 = f32x4.splat(0);
  let texture3 = f32x4.splat(0);
  for (let o = 0; o < 18; o += 4) {
    const value = o === 16 ? v128.load64_zero(from, 64) : v128.load(from + ((<usize>o) << 2));
    const in0 = f32x4.mul(f32x4.pmin(value, limits0), factors0);
    const in1 = f32x4.mul(f32x4.pmin(value, limits1), factors1);
    const in2 = f32x4.mul(f32x4.pmin(value, limits2), factors2);
    const in3 = f32x4.mul(f32x4.pmin(value, limits3), factors3);
    texture0 = f32x4.add(texture0, in0);
    texture1 = f32x4.add(texture1, in1);
    texture2 = f32x4.add(texture2, in2);
    texture3 = f32x4.add(texture3, in3);
    const sum = f32x4.add(f32x4.add(f32x4.add(in0, in1), in2), in3);
    scatter(sum, to + o * planeBytes, planeBytes, min(4, 18 - o));
  }
  const unsigned = to + 18 * planeBytes;
  scatter(normalized(f32x4.add(v128.load(from), v128.load(from, 36))), unsigned, planeBytes, 4);
  scatter(normalized(f32x4.add(v128.load(from, 16), v128.load(from, 52))), unsigned + 4 * planeBytes, planeBytes, 4);
  const last = f32x4.add(v128.load32_zero(from, 32), v128.load32_zero(from, 68));
  scatter(normalized(last), unsigned + 8 * planeBytes, planeBytes, 1);
  const textures = to + 27 * planeBytes;
  store<f32>(textures, sumOf(texture0) * <f32>0.4714);
  store<f32>(textures + planeBytes, sumOf(texture1) * <f32>0.4714);
  store<f32>(textures + 2 * planeBytes, sumOf(texture2) * <f32>0.4714);
  store<f32>(textures + 3 * planeBytes, sumOf(texture3) * <f32>0.4714);
}

/** The sum of the normalisations of four values by the four blocks. */
function normalized(value: v128): v128 {
  let sum = f32x4.mul(f32x4.pmin(value, limits0), factors0);
  sum = f32x4.add(sum, f32x4.mul(f32x4.pmin(value, limits1), factors1));
  sum = f32x4.add(sum, f32x4.mul(f32x4.pmin(value, limits2), factors2));
  return f32x4.add(sum, f32x4.mul(f32x4.pmin(value, limits3), factors3));
}

/** Stores the first `count` lanes, each in the next plane. */
function scatter(value: v128, to: usize, planeBytes: u32, count: i32): void {
  v128.store_lane<f32>(to, value, 0);
  if (count > 1) v128.store_lane<f32>(to + planeBytes, value, 1);
  if (count > 2) {
    v128.store_lane<f32>(to + 2 * planeBytes, value, 2);
    v128.store_lane<f32>(to + 3 * planeBytes, value, 3);
  }
}

function sumOf(value: v128): f32 {
  return (
    f32x4.extract_lane(value, 0) +
    f32x4.extract_lane(value, 1) +
    f32x4.extract_lane(value, 2) +
    f32x4.extract_lane(value, 3)
  );
}
