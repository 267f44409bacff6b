/** A binary heap of rows by their distance. `sign` 1: the nearest row is on top; −1: the farthest. */
export class Heap {
  readonly rows: number[] = [];
  readonly distances: number[] = [];
  readonly #sign: 1 | -1;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  get size(): number {
    return this.rows.length;
  }

  /** The distance of the row on top. The heap must not be empty. */
  get topDistance(): number {
    return this.distances[0] as number;
  }

  push(row: number, distance: number): void {
    const { rows, distances } = this;
    const sign = this.#sign;
    let at = rows.length;
    rows.push(row);
    distances.push(distance);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (sign * (distances[parent] as number) <= sign * distance) break;
      rows[at] = rows[parent] as number;
      distances[at] = distances[parent] as number;
      at = parent;
    }
    rows[at] = row;
    distances[at] = distance;
  }

  /** Removes the row on top. The heap must not be empty. */
  pop(): number {
    const { rows, distances } = this;
    const top = rows[0] as number;
    const row = rows.pop() as number;
    const distance = distances.pop() as number;
    if (rows.length > 0) this.#sink(row, distance);
    return top;
  }

  /** Puts a row at the top and moves it down to its place. */
  #sink(row: number, distance: number): void {
    const { rows, distances } = this;
    const sign = this.#sign;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= rows.length) break;
      const right = child + 1;
      if (right < rows.length && sign * (distances[right] as number) < sign * (distances[child] as number))
        child = right;
      if (sign * (distances[child] as number) >= sign * distance) break;
      rows[at] = rows[child] as number;
      distances[at] = distances[child] as number;
      at = child;
    }
    rows[at] = row;
    distances[at] = distance;
  }
}
