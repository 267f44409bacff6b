import type { Architecture, Shape } from './description.ts';
import { operationsOf } from './operations.ts';

/** A row of a network's table. */
export interface LayerFigures {
  /** The name of the layer. */
  layer: string;
  /** The shape of its output for one image. */
  output: Shape;
  /** The trained parameters. Moving means and variances are not counted. */
  parameters: number;
  /** The multiply-adds for one image, called FLOPs in the paper's tables. Biases, pooling and normalisation are not counted. */
  multiplyAdds: number;
}

/** A network's table, and its totals. */
export interface NetworkFigures {
  /** The rows of the table, in the order of the layers. */
  layers: LayerFigures[];
  /** The trained parameters of all layers. */
  parameters: number;
  /** The multiply-adds of all layers for one image. */
  multiplyAdds: number;
}

/**
 * The parameters and multiply-adds of a network, layer by layer, computed from its description without building it.
 *
 * @param architecture the description: one of {@link architectures}, or your own.
 * @throws {FaceNetError} `option-invalid` when its layers do not fit together.
 *
 * @example
 * const { parameters, multiplyAdds } = figuresOf(architectures.nn2);
 * show(parameters, multiplyAdds);
 */
export function figuresOf(architecture: Architecture): NetworkFigures {
  const rows = new Map<string, LayerFigures>();
  for (const { row, output, weights, multiplyAdds } of operationsOf(architecture)) {
    const before = rows.get(row);
    const parameters = weights
      .filter(({ trained }) => trained)
      .reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
    rows.set(row, {
      layer: row,
      output,
      parameters: (before?.parameters ?? 0) + parameters,
      multiplyAdds: (before?.multiplyAdds ?? 0) + multiplyAdds,
    });
  }
  const layers = [...rows.values()];
  return {
    layers,
    parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
    multiplyAdds: layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
  };
}
