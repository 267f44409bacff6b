/**
 * Assigns rows to columns one to one so that the sum of their weights is as large as possible, by the Hungarian method with shortest
 * augmenting paths (Jonker and Volgenant, 1987).
 *
 * @param weights a rectangular matrix of weights of 0 or more, row by row.
 * @returns the column of each row; undefined for rows that remain when the columns run out.
 */
export function bestAssignment(weights: readonly (readonly number[])[]): (number | undefined)[] {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  // Row and column 0 are the start of the augmenting paths. Missing cells weigh 0.
  const costAt = (row: number, column: number) => -(weights[row - 1]?.[column - 1] ?? 0);
  const rowPotentials = new Float64Array(size + 1);
  const columnPotentials = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    rowOf[0] = row;
    augment({ size, costAt, rowPotentials, columnPotentials, rowOf });
  }
  const result = new Array<number | undefined>(rows).fill(undefined);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column] as number;
    if (row <= rows) result[row - 1] = column - 1;
  }
  return result;
}

interface Search {
  size: number;
  costAt: (row: number, column: number) => number;
  rowPotentials: Float64Array;
  columnPotentials: Float64Array;
  /** The row that each column is assigned to; 0 for none. Column 0 holds the row to assign. */
  rowOf: Int32Array;
}

/** Finds the shortest path from the row of column 0 to a free column, and shifts the assignment along it. */
function augment({ size, costAt, rowPotentials, columnPotentials, rowOf }: Search): void {
  const distances = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(size + 1);
  const visited = new Uint8Array(size + 1);
  let current = 0;
  do {
    visited[current] = 1;
    const row = rowOf[current] as number;
    let nearest = 0;
    let step = Number.POSITIVE_INFINITY;
    for (let column = 1; column <= size; column++) {
      if (visited[column]) continue;
      const reduced = costAt(row, column) - (rowPotentials[row] as number) - (columnPotentials[column] as number);
      if (reduced < (distances[column] as number)) {
        distances[column] = reduced;
        previous[column] = current;
      }
      if ((distances[column] as number) < step) {
        step = distances[column] as number;
        nearest = column;
      }
    }
    for (let column = 0; column <= size; column++) {
      if (visited[column]) {
        rowPotentials[rowOf[column] as number] = (rowPotentials[rowOf[column] as number] as number) + step;
        columnPotentials[column] = (columnPotentials[column] as number) - step;
      } else distances[column] = (distances[column] as number) - step;
    }
    current = nearest;
  } while (rowOf[current] !== 0);
  while (current !== 0) {
    const before = previous[current] as number;
    rowOf[current] = rowOf[before] as number;
    current = before;
  }
}
