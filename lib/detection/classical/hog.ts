import type { Grey } from '../../image/grey.ts';

/** The side of a cell in pixels, the orientations that it counts, and the cells along a block's side. (The paper's choice) */
export const cellSize = 8;
const orientations = 9;
const blockCells = 2;

/** The values that describe one block. */
export const blockValues = blockCells * blockCells * orientations;

/** What no value of a block may exceed before it is normalised again (L2-hys). */
const clip = 0.2;

/** The described blocks of a picture: each starts one cell after the one before, so that neighbours share cells. */
export interface HogBlocks {
  columns: number;
  rows: number;
  /** `blockValues` numbers for each block, row by row. */
  data: Float32Array;
}

/**
 * Histograms of oriented gradients (Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005): in
 * each cell gradients are counted by their direction without its sign, weighted by their strength; blocks of cells are
 * normalised, so that light and contrast do not matter.
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
      for (let i = 0; i < blockValues; i++) block[i] = Math.min(block[i] as number, clip);
      normalise(block);
    }
  }
  return { columns, rows, data };
}

/** Each cell's histogram; a gradient is shared between the two orientations that it lies between. */
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
      const strength = Math.sqrt(dx * dx + dy * dy);
      // The middle of the first orientation is half a bin from 0.
      const angle = (Math.atan2(dy, dx) / Math.PI) * orientations - 0.5;
      const bin = Math.floor(angle);
      const share = angle - bin;
      const first = (((bin % orientations) + orientations) % orientations) | 0;
      const second = (first + 1) % orientations;
      const at = (row + Math.floor(x / cellSize)) * orientations;
      histograms[at + first] = (histograms[at + first] as number) + strength * (1 - share);
      histograms[at + second] = (histograms[at + second] as number) + strength * share;
    }
  }
  return histograms;
}

/** Brings a block to length 1; the paper's small constant keeps flat blocks flat. */
function normalise(block: Float32Array): void {
  let squares = 1e-3;
  for (let i = 0; i < block.length; i++) squares += (block[i] as number) ** 2;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < block.length; i++) block[i] = (block[i] as number) * scale;
}
