import type { Grey } from '../../image/grey.ts';

/** The side of a cell, in pixels. This and the next two are the paper's values. */
export const cellSize = 8;

/** The orientations of a cell's histogram, over 180°. */
const orientations = 9;

/** The cells along a block's side. */
const blockCells = 2;

/** The number of values of a block. */
export const blockValues = blockCells * blockCells * orientations;

/** The maximum of a block's values between its two normalisations (L2-Hys). */
const maxValue = 0.2;

/** The blocks of a picture. Neighbouring blocks are one cell apart and share cells. */
export interface HogBlocks {
  columns: number;
  rows: number;
  /** {@link blockValues} numbers per block, row by row. */
  data: Float32Array;
}

/**
 * Computes histograms of oriented gradients (Dalal and Triggs, "Histograms of oriented gradients for human detection",
 * CVPR 2005). Each cell has a histogram of unsigned gradient directions, weighted by magnitude. Blocks of cells are
 * normalised, which removes the influence of lighting and contrast.
 */
export function hogBlocks(picture: Grey): HogBlocks {
  const cells = { columns: Math.floor(picture.width / cellSize), rows: Math.floor(picture.height / cellSize) };
  const histograms = cellHistograms(picture, cells);
  const columns = Math.max(0, cells.columns - blockCells + 1);
  const rows = Math.max(0, cells.rows - blockCells + 1);
  const data = new Float32Array(columns * rows * blockValues);
  const rowValues = blockCells * orientations;
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, to += blockValues) {
      for (let row = 0; row < blockCells; row++) {
        const from = ((y + row) * cells.columns + x) * orientations;
        data.set(histograms.subarray(from, from + rowValues), to + row * rowValues);
      }
      const block = data.subarray(to, to + blockValues);
      normalise(block);
      for (let i = 0; i < blockValues; i++) block[i] = Math.min(block[i] as number, maxValue);
      normalise(block);
    }
  }
  return { columns, rows, data };
}

/** The histogram of each cell. A gradient is divided between the two nearest orientations by linear interpolation. */
function cellHistograms({ width, height, data }: Grey, cells: { columns: number; rows: number }): Float32Array {
  const histograms = new Float32Array(cells.columns * cells.rows * orientations);
  for (let y = 0; y < cells.rows * cellSize; y++) {
    const above = Math.max(0, y - 1) * width;
    const below = Math.min(height - 1, y + 1) * width;
    const row = Math.floor(y / cellSize) * cells.columns;
    for (let x = 0; x < cells.columns * cellSize; x++) {
      const here = y * width;
      const dx = (data[here + Math.min(width - 1, x + 1)] as number) - (data[here + Math.max(0, x - 1)] as number);
      const dy = (data[below + x] as number) - (data[above + x] as number);
      if (dx === 0 && dy === 0) continue;
      const magnitude = Math.sqrt(dx * dx + dy * dy);
      // The centre of the first bin is half a bin from 0°.
      const angle = (Math.atan2(dy, dx) / Math.PI) * orientations - 0.5;
      const bin = Math.floor(angle);
      const share = angle - bin;
      const first = (((bin % orientations) + orientations) % orientations) | 0;
      const second = (first + 1) % orientations;
      const offset = (row + Math.floor(x / cellSize)) * orientations;
      histograms[offset + first] = (histograms[offset + first] as number) + magnitude * (1 - share);
      histograms[offset + second] = (histograms[offset + second] as number) + magnitude * share;
    }
  }
  return histograms;
}

/** Scales a block to length 1. The paper's small constant keeps flat blocks at 0. */
function normalise(block: Float32Array): void {
  let squares = 1e-3;
  for (let i = 0; i < block.length; i++) squares += (block[i] as number) ** 2;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < block.length; i++) block[i] = (block[i] as number) * scale;
}
