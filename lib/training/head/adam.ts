/** Adam's decay rates, and the constant that prevents division by 0. (Kingma and Ba, arXiv 1412.6980, algorithm 1) */
const [meanDecay, squareDecay, epsilon] = [0.9, 0.999, 1e-8];

/** Updates parameters by one step against their gradient. */
export type OptimiserStep = (gradient: Float64Array) => void;

/**
 * The Adam optimiser.
 *
 * @param parameters updated in place.
 * @param learningRate the approximate size of a parameter's change in one step.
 */
export function adam(parameters: Float64Array, learningRate: number): OptimiserStep {
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let steps = 0;
  return (gradient) => {
    steps++;
    const [meanCorrection, squareCorrection] = [1 - meanDecay ** steps, 1 - squareDecay ** steps];
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i] as number;
      mean[i] = meanDecay * (mean[i] as number) + (1 - meanDecay) * slope;
      square[i] = squareDecay * (square[i] as number) + (1 - squareDecay) * slope * slope;
      const change =
        (mean[i] as number) / meanCorrection / (Math.sqrt((square[i] as number) / squareCorrection) + epsilon);
      parameters[i] = (parameters[i] as number) - learningRate * change;
    }
  };
}
