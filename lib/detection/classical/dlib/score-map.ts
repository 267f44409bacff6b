import type { SeparableFilter } from './hog-model.ts';
import type { HogPlanes } from './normalized-planes.ts';

/**
 * The answers of a classifier's filters at every position of its window, added up.
 *
 * @param size the size of the window, in cells.
 * @returns a value for each position, row by row.
 */
export function scoreMap(
  planes: HogPlanes,
  filters: readonly SeparableFilter[],
  size: { columns: number; rows: number },
): Float32Array {
  const columns = planes.columns - size.columns + 1;
  const rows = planes.rows - size.rows + 1;
  const scores = new Float32Array(columns * rows);
  const sums = new Float32Array(columns * planes.rows);
  for (const { plane, row, column } of filters) {
    sumRows(planes, plane, row, sums, columns);
    addColumns(sums, column, scores, columns);
  }
  return scores;
}

/** Filters each row of a plane. The loop over the positions is the inner one: it reads and writes consecutive numbers. */
function sumRows(
  { columns: stride, rows, data }: HogPlanes,
  plane: number,
  row: Float32Array,
  sums: Float32Array,
  columns: number,
): void {
  sums.fill(0);
  for (let i = 0; i < row.length; i++) {
    const weight = row[i] as number;
    for (let y = 0, to = 0; y < rows; y++) {
      let from = (plane * rows + y) * stride + i;
      for (const end = from + columns; from < end; from++, to++) {
        sums[to] = (sums[to] as number) + (data[from] as number) * weight;
      }
    }
  }
}

/** Filters each column of the filtered rows, and adds the result to the scores. */
function addColumns(sums: Float32Array, column: Float32Array, scores: Float32Array, columns: number): void {
  for (let i = 0; i < column.length; i++) {
    const weight = column[i] as number;
    for (let to = 0, from = i * columns; to < scores.length; to++, from++) {
      scores[to] = (scores[to] as number) + (sums[from] as number) * weight;
    }
  }
}
