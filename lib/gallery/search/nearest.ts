/** Keeps the nearest few of what it is offered: a sorted list by insertion, which for a few is the quickest heap. */
export class Nearest {
  readonly #limit: number;
  readonly rows: number[] = [];
  readonly distances: number[] = [];
  /** What is farther than this is not kept. */
  bound: number;

  constructor(limit: number, within: number) {
    this.#limit = limit;
    this.bound = within;
  }

  /** Offers a row; of two at one distance the one with the smaller number stays in front, whatever the order of offers. */
  offer(row: number, distance: number): void {
    if (!(distance <= this.bound)) return;
    let place = this.rows.length;
    while (place > 0 && this.#isBehind(place - 1, row, distance)) place--;
    if (place >= this.#limit) return;
    this.rows.splice(place, 0, row);
    this.distances.splice(place, 0, distance);
    if (this.rows.length > this.#limit) {
      this.rows.pop();
      this.distances.pop();
    }
    if (this.rows.length === this.#limit) this.bound = this.distances[this.#limit - 1] as number;
  }

  #isBehind(place: number, row: number, distance: number): boolean {
    const there = this.distances[place] as number;
    return there > distance || (there === distance && (this.rows[place] as number) > row);
  }
}
