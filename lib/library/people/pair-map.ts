/**
 * Values of pairs of people, in any order of the two. Each person has a map of its own: a map of all pairs would be rehashed in one
 * task, which blocks the page in libraries of many people.
 */
export class PairMap<Value> {
  readonly #values = new Map<number, Map<number, Value>>();

  get(a: number, b: number): Value | undefined {
    return this.#values.get(Math.min(a, b))?.get(Math.max(a, b));
  }

  has(a: number, b: number): boolean {
    return this.#values.get(Math.min(a, b))?.has(Math.max(a, b)) ?? false;
  }

  set(a: number, b: number, value: Value): void {
    const [low, high] = a < b ? [a, b] : [b, a];
    const values = this.#values.get(low);
    if (values) values.set(high, value);
    else this.#values.set(low, new Map([[high, value]]));
  }
}
