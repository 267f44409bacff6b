/** Adds to an element of an array. */
export function add(values: Float64Array, i: number, value: number): void {
  values[i] = (values[i] as number) + value;
}

/** Solves a linear system with a symmetric positive definite matrix by Gaussian elimination, in place. */
export function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  for (let i = 0; i < right.length; i++) {
    const pivot = matrix[i] as Float64Array;
    for (let k = i + 1; k < right.length; k++) {
      const row = matrix[k] as Float64Array;
      const factor = (row[i] as number) / (pivot[i] as number);
      if (factor === 0) continue;
      for (let j = i; j < right.length; j++) add(row, j, -factor * (pivot[j] as number));
      add(right, k, -factor * (right[i] as number));
    }
  }
  for (let i = right.length - 1; i >= 0; i--) {
    const row = matrix[i] as Float64Array;
    for (let j = i + 1; j < right.length; j++) add(right, i, -(row[j] as number) * (right[j] as number));
    right[i] = (right[i] as number) / (row[i] as number);
  }
  return right;
}
