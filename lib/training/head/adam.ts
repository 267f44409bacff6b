/** Adam's decay rates, and the constant that prevents division by 0. (Kingma and Ba, arXiv 1412.6980, algorithm 1) */
const [meanDecay, squareDecay, epsilon] = [0.9, 0.999, 1e-8];

/** The Adam optimiser. Updates parameters in place. */
export class Adam {
  readonly #parameters: Float64Array;
  readonly #learningRate: number;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  /** @param learningRate the approximate size of a parameter's change in one step. */
  constructor(parameters: Float64Array, learningRate: number) {
    this.#parameters = parameters;
    this.#learningRate = learningRate;
    this.#mean = new Float64Array(parameters.length);
    this.#square = new Float64Array(parameters.length);
  }

  /** Takes one step against a gradient. @param gradient of the same length as the parameters. */
  step(gradient: Float64Array): void {
    this.#steps++;
    const [parameters, mean, square] = [this.#parameters, this.#mean, this.#square];
    const [meanCorrection, squareCorrection] = [1 - meanDecay ** this.#steps, 1 - squareDecay ** this.#steps];
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i] as number;
      mean[i] = meanDecay * (mean[i] as number) + (1 - meanDecay) * slope;
      square[i] = squareDecay * (square[i] as number) + (1 - squareDecay) * slope * slope;
      const change =
        (mean[i] as number) / meanCorrection / (Math.sqrt((square[i] as number) / squareCorrection) + epsilon);
      parameters[i] = (parameters[i] as number) - this.#learningRate * change;
    }
  }
}
