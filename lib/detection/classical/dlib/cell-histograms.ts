import type { ByteImage } from '../../../image/dlib/byte-image.ts';
import { orientationCount, tableSide } from './orientations.ts';

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
  const groupsEnd = endOfGroups(lastColumn);
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
      const to =
        row + (shares.cell[x] as number) * orientationCount + (table[(dy + 255) * tableSide + dx + 255] as number);
      histograms[to] = (histograms[to] as number) + (1 - down) * back;
      histograms[to + below] = (histograms[to + below] as number) + down * back;
      histograms[to + orientationCount] = (histograms[to + orientationCount] as number) + (1 - down) * across;
      const corner = to + below + orientationCount;
      histograms[corner] = (histograms[corner] as number) + down * across;
    }
  }
  return { columns, rows, data: histograms };
}

/**
 * The column from which on dlib computes single pixels. Before it computes groups of eight, in which the last of equally strong colours
 * counts; for the rest of a row it is the first.
 */
export function endOfGroups(lastColumn: number): number {
  return 1 + 8 * Math.max(0, Math.ceil((lastColumn - 8) / 8));
}

/** For each column or row of pixels: the index of the cell before it, and the share of its votes for the next one. */
export function sharesOf(pixels: number, side: number): { cell: Uint32Array; share: Float32Array } {
  const cell = new Uint32Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const position = (i + 0.5) / side + 0.5;
    cell[i] = Math.floor(position);
    share[i] = position - Math.floor(position);
  }
  return { cell, share };
}
