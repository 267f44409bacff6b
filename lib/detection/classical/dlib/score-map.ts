import type { HogPlanes } from './fhog.ts';
import type { SeparableFilter } from './hog-model.ts';

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

/** Filters each row of a plane. */
function sumRows(planes: HogPlanes, plane: number, row: Float32Array, sums: Float32Array, columns: number): void {
  for (let y = 0, to = 0; y < planes.rows; y++) {
    let from = (plane * planes.rows + y) * planes.columns;
    for (let x = 0; x < columns; x++, from++, to++) {
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += (planes.data[from + i] as number) * (row[i] as number);
      sums[to] = sum;
    }
  }
}

/** Filters each column of the filtered rows, and adds the result to the scores. */
function addColumns(sums: Float32Array, column: Float32Array, scores: Float32Array, columns: number): void {
  for (let to = 0; to < scores.length; to++) {
    let sum = 0;
    for (let i = 0, from = to; i < column.length; i++, from += columns)
      sum += (sums[from] as number) * (column[i] as number);
    scores[to] = (scores[to] as number) + sum;
  }
}
