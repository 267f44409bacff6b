import { RandomGraph } from './random-graph.ts';

/** The side of the images in pixels, and the channels of the filters. */
const side = 8;
const channels = 512;

/** Convolutions of 36 MiB each, once their filters are transformed. Only the first one is in the file. */
const convolutions = 8;

/** The values of its output. */
export const dimension = 8;

/** A network whose filters take 288 MiB in the memory of the kernels, and 9 MiB in its file. */
export function largeModel(): ReturnType<RandomGraph['model']> & { size: { width: number; height: number } } {
  const graph = new RandomGraph(1, side, side);
  const { builder } = graph;
  const bias = builder.floats('bias', [channels], new Float32Array(channels));
  let last = builder.convolution('first', 'image', graph.weights(1, 1, 3, channels), bias);
  const filter = graph.weights(3, 3, channels, channels);
  for (let i = 0; i < convolutions; i++) last = builder.convolution(`convolution-${i}`, last, filter, bias);
  const [matrix, offsets] = [graph.weights(side, side, channels, dimension), graph.weights(dimension)];
  const output = builder.convolution('output', last, matrix, offsets, { padding: 'VALID' });
  return { ...graph.model(output), size: graph.inputSize };
}
