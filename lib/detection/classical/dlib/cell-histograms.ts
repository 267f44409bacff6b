import type { ByteImage } from '../../../image/dlib/byte-image.ts';
import { planeCount } from './hog-model.ts';

/** The planes of a histogram of oriented gradients, each `rows` × `columns`, one after the other. */
export interface HogPlanes {
  columns: number;
  rows: number;
  data: Float32Array;
}

/** The unit vectors of nine orientations, to four digits as in dlib. */
const directions: readonly [number, number][] = [
  [1, 0],
  [0.9397, 0.342],
  [0.766, 0.6428],
  [0.5, 0.866],
  [0.1736, 0.9848],
  [-0.1736, 0.9848],
  [-0.5, 0.866],
  [-0.766, 0.6428],
  [-0.9397, 0.342],
];

/** The number of signed orientations. */
export const orientationCount = 18;

/** The side of the table of orientations: gradients are −255 to 255. */
export const tableSide = 511;

const { fround } = Math;

/**
 * The orientation of each possible gradient, 0 to 17, at the index (dy + 255) · 511 + dx + 255: that of the direction with the largest
 * product, computed in 32-bit floats as dlib does.
 */
export function orientationTable(): Uint8Array {
  if (orientations) return orientations;
  orientations = new Uint8Array(tableSide * tableSide);
  for (let dy = -255, i = 0; dy <= 255; dy++) {
    for (let dx = -255; dx <= 255; dx++, i++) orientations[i] = orientationOf(dx, dy);
  }
  return orientations;
}

/** The table, once it is computed: that takes as long as the search of a small picture. */
let orientations: Uint8Array | undefined;

function orientationOf(dx: number, dy: number): number {
  let largest = 0;
  let orientation = 0;
  directions.forEach(([x, y], o) => {
    const product = fround(fround(dx * fround(x)) + fround(dy * fround(y)));
    if (product > largest) [largest, orientation] = [product, o];
    else if (-product > largest) [largest, orientation] = [-product, o + 9];
  });
  return orientation;
}

/** The size of the HOG of an image, in cells. The outermost cells have no normalisation and are left out. */
export function hogSize({ width, height }: { width: number; height: number }, cell: number) {
  const size = (pixels: number) => Math.max(0, Math.floor(pixels / cell + 0.5) - 2);
  return { columns: size(width), rows: size(height) };
}

/** The histograms of all cells with a margin of one cell: 18 values for each. */
export interface CellHistograms {
  columns: number;
  rows: number;
  data: Float32Array;
}

/**
 * Adds up the gradients of each cell by orientation. Each pixel votes with the length of its gradient, in the strongest of its colours, for
 * the four nearest cells.
 */
export function cellHistograms(image: ByteImage, cell: number, table: Uint8Array): CellHistograms {
  const { width, height, channels, data } = image;
  const size = hogSize(image, cell);
  const [columns, rows] = [size.columns + 4, size.rows + 4];
  const histograms = new Float32Array(columns * rows * orientationCount);
  const stride = width * channels;
  const shares = sharesOf(width, cell);
  const lastRow = Math.min((rows - 2) * cell, height) - 1;
  const lastColumn = Math.min((columns - 2) * cell, width) - 1;
  const below = columns * orientationCount;
  // dlib computes groups of eight pixels, in which the last of equally strong colours counts; for the rest of a row it is the first.
  const groupsEnd = 1 + 8 * Math.max(0, Math.ceil((lastColumn - 8) / 8));
  for (let y = 1; y < lastRow; y++) {
    const position = (y + 0.5) / cell + 0.5;
    const row = Math.floor(position) * below;
    const down = position - Math.floor(position);
    for (let x = 1, at = y * stride + channels; x < lastColumn; x++, at += channels) {
      let dx = (data[at + channels] as number) - (data[at - channels] as number);
      let dy = (data[at + stride] as number) - (data[at - stride] as number);
      let squared = dx * dx + dy * dy;
      for (let other = at + 1; other < at + channels; other++) {
        const u = (data[other + channels] as number) - (data[other - channels] as number);
        const v = (data[other + stride] as number) - (data[other - stride] as number);
        const otherSquared = u * u + v * v;
        if (otherSquared > squared || (otherSquared === squared && x < groupsEnd)) {
          dx = u;
          dy = v;
          squared = otherSquared;
        }
      }
      const length = Math.sqrt(squared);
      const across = (shares.share[x] as number) * length;
      const back = length - across;
      const to = row + (shares.offset[x] as number) + (table[(dy + 255) * tableSide + dx + 255] as number);
      histograms[to] = (histograms[to] as number) + (1 - down) * back;
      histograms[to + below] = (histograms[to + below] as number) + down * back;
      histograms[to + orientationCount] = (histograms[to + orientationCount] as number) + (1 - down) * across;
      const corner = to + below + orientationCount;
      histograms[corner] = (histograms[corner] as number) + down * across;
    }
  }
  return { columns, rows, data: histograms };
}

/** For each column of pixels: the offset of the cell to its left, and the share of its votes for the next cell. */
function sharesOf(width: number, cell: number) {
  const offset = new Int32Array(width);
  const share = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const position = (x + 0.5) / cell + 0.5;
    offset[x] = Math.floor(position) * orientationCount;
    share[x] = position - Math.floor(position);
  }
  return { offset, share };
}

/** Keeps a cell without gradients from a division by zero. */
const epsilon = 0.0001;

/** The largest normalised value of a cell. */
const limit = 0.2;

/**
 * Normalises the histograms by the energy of the four blocks of 2 × 2 cells that contain each cell (Felzenszwalb et al., PAMI 2010), as
 * dlib's `extract_fhog_features` does.
 *
 * @param margin cells of zeros about the planes, for filters that reach beyond the picture.
 */
export function normalizedPlanes(
  histograms: CellHistograms,
  margin: { left: number; top: number; right: number; bottom: number },
): HogPlanes {
  const energies = cellEnergies(histograms.data);
  const size = { columns: histograms.columns - 4, rows: histograms.rows - 4 };
  const columns = size.columns + margin.left + margin.right;
  const rows = size.rows + margin.top + margin.bottom;
  const area = columns * rows;
  const values = new Float32Array(area * planeCount);
  const target = { values, to: 0, area };
  for (let y = 0; y < size.rows; y++) {
    for (let x = 0; x < size.columns; x++) {
      target.to = (y + margin.top) * columns + x + margin.left;
      normalizeCell(histograms, energies, (y + 2) * histograms.columns + x + 2, target);
    }
  }
  return { columns, rows, data: values };
}

/** The sum of the squared unsigned gradients of each cell. */
function cellEnergies(histograms: Float32Array): Float32Array {
  const energies = new Float32Array(histograms.length / orientationCount);
  for (let cell = 0, at = 0; cell < energies.length; cell++, at += orientationCount) {
    let energy = 0;
    for (let o = at; o < at + 9; o++) energy += ((histograms[o] as number) + (histograms[o + 9] as number)) ** 2;
    energies[cell] = energy;
  }
  return energies;
}

/** The energy of the block of 2 × 2 cells from a corner on. */
function blockEnergy(energies: Float32Array, corner: number, columns: number): number {
  return (
    (energies[corner] as number) +
    (energies[corner + 1] as number) +
    (energies[corner + columns] as number) +
    (energies[corner + columns + 1] as number)
  );
}

/** The largest value of a cell, in gradients, by the energy of a block. */
function limitOf(energy: number): number {
  return limit * Math.sqrt(energy + epsilon);
}

/** Writes the 31 values of a cell: each is the sum of its normalisations by four blocks. Single variables are three times as fast as lists. */
function normalizeCell(
  { columns, data }: CellHistograms,
  energies: Float32Array,
  cell: number,
  { values, to, area }: { values: Float32Array; to: number; area: number },
): void {
  const from = cell * orientationCount;
  // In dlib's order: below right, above right, below left, above left.
  const a = limitOf(blockEnergy(energies, cell, columns));
  const b = limitOf(blockEnergy(energies, cell - columns, columns));
  const c = limitOf(blockEnergy(energies, cell - 1, columns));
  const d = limitOf(blockEnergy(energies, cell - columns - 1, columns));
  let [textureA, textureB, textureC, textureD] = [0, 0, 0, 0];
  for (let o = 0; o < orientationCount; o++) {
    const value = data[from + o] as number;
    const [inA, inB] = [(Math.min(value, a) * 0.1) / a, (Math.min(value, b) * 0.1) / b];
    const [inC, inD] = [(Math.min(value, c) * 0.1) / c, (Math.min(value, d) * 0.1) / d];
    textureA += inA;
    textureB += inB;
    textureC += inC;
    textureD += inD;
    values[to + o * area] = inA + inB + inC + inD;
  }
  for (let o = 0; o < 9; o++) {
    const value = (data[from + o] as number) + (data[from + o + 9] as number);
    values[to + (o + 18) * area] =
      (Math.min(value, a) * 0.1) / a +
      (Math.min(value, b) * 0.1) / b +
      (Math.min(value, c) * 0.1) / c +
      (Math.min(value, d) * 0.1) / d;
  }
  values[to + 27 * area] = textureA * 2 * 0.2357;
  values[to + 28 * area] = textureB * 2 * 0.2357;
  values[to + 29 * area] = textureC * 2 * 0.2357;
  values[to + 30 * area] = textureD * 2 * 0.2357;
}
