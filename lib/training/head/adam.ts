/** Adam's decay rates and its guard against division by 0, as published. (Kingma and Ba, arXiv 1412.6980, algorithm 1) */
const [decay1, decay2, guard] = [0.9, 0.999, 1e-8];

/** Adam: changes numbers, where they lie, against their gradient. */
export class Adam {
  readonly #numbers: Float64Array;
  readonly #rate: number;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  /** @param rate the learning rate, about how far a number goes in a step. */
  constructor(numbers: Float64Array, rate: number) {
    this.#numbers = numbers;
    this.#rate = rate;
    this.#mean = new Float64Array(numbers.length);
    this.#square = new Float64Array(numbers.length);
  }

  /** One step. @param gradient as long as the numbers. */
  step(gradient: Float64Array): void {
    this.#steps++;
    const [numbers, mean, square] = [this.#numbers, this.#mean, this.#square];
    const [unbias1, unbias2] = [1 - decay1 ** this.#steps, 1 - decay2 ** this.#steps];
    for (let i = 0; i < numbers.length; i++) {
      const slope = gradient[i] as number;
      mean[i] = decay1 * (mean[i] as number) + (1 - decay1) * slope;
      square[i] = decay2 * (square[i] as number) + (1 - decay2) * slope * slope;
      const change = (mean[i] as number) / unbias1 / (Math.sqrt((square[i] as number) / unbias2) + guard);
      numbers[i] = (numbers[i] as number) - this.#rate * change;
    }
  }
}
