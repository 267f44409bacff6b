/** A matrix as the product of a column and a row. */
export interface RankOne {
  column: Float64Array;
  row: Float64Array;
  /** The singular value: the length of the column times that of the row. */
  value: number;
}

/** More sweeps than a small matrix needs to converge. */
const maxSweeps = 60;

/**
 * The singular value decomposition of a small matrix, by one-sided Jacobi rotations (Hestenes 1958): the matrix is the sum of the results.
 *
 * @param values row by row.
 * @returns the parts by descending singular value. The column and the row of a part have the same length.
 */
export function singularParts(values: Float64Array, rows: number, columns: number): RankOne[] {
  const u = Array.from({ length: columns }, (_, c) =>
    Float64Array.from({ length: rows }, (_, r) => values[r * columns + c] as number),
  );
  const v = u.map((_, c) => Float64Array.from({ length: columns }, (_, i) => (i === c ? 1 : 0)));
  for (let sweep = 0, rotated = true; rotated && sweep < maxSweeps; sweep++) {
    rotated = false;
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) rotated = orthogonalize(u, v, p, q) || rotated;
    }
  }
  const parts = u.map((column, c): RankOne => {
    const value = Math.sqrt(dot(column, column));
    const factor = value > 0 ? 1 / Math.sqrt(value) : 0;
    return {
      value,
      column: column.map((x) => x * factor),
      row: (v[c] as Float64Array).map((x) => x * Math.sqrt(value)),
    };
  });
  return parts.sort((a, b) => b.value - a.value);
}

/** Rotates two columns so that they are orthogonal. Returns whether they were not. */
function orthogonalize(u: Float64Array[], v: Float64Array[], p: number, q: number): boolean {
  const [a, b] = [u[p] as Float64Array, u[q] as Float64Array];
  const [alpha, beta, gamma] = [dot(a, a), dot(b, b), dot(a, b)];
  if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  rotate(a, b, cosine, cosine * tangent);
  rotate(v[p] as Float64Array, v[q] as Float64Array, cosine, cosine * tangent);
  return true;
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
