import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { GraphModel } from '../../graph/graph-model.ts';
import type { DlibConvolution, DlibLayer, DlibNetwork } from './dlib-network.ts';
import { unreadable } from './serialized-reader.ts';

/** The output of a layer: its node, its channels, and its size if the network has an input of fixed size. */
interface Tensor {
  node: string;
  channels: number;
  size?: { width: number; height: number } | undefined;
}

/**
 * Converts a network of dlib to a graph model. Scale layers are folded into the convolutions before them.
 *
 * Input: `image` [n, height, width, 3], normalised. The last node is named `output`.
 *
 * @throws {FaceNetError} `model-file-damaged` for layers in an order that cannot be converted.
 */
export function graphOfNetwork({ input, layers }: DlibNetwork): GraphModel {
  const graph = new NetworkGraph(layers);
  return graph.build(input.size);
}

class NetworkGraph {
  readonly #graph = new GraphBuilder();
  readonly #layers: readonly DlibLayer[];
  readonly #tags: Tensor[] = [];
  #next = 0;

  constructor(layers: readonly DlibLayer[]) {
    this.#layers = layers;
  }

  build(size: { width: number; height: number } | undefined): GraphModel {
    const shape = [-1, size?.height ?? -1, size?.width ?? -1, 3];
    let x: Tensor = { node: this.#graph.input('image', shape), channels: 3, size };
    while (this.#next < this.#layers.length) x = this.#convert(x);
    if (x.node !== 'output') this.#graph.op('output', 'Identity', [x.node]);
    return this.#graph.build();
  }

  /** Converts the next layer, with the layers that are fused into it. */
  #convert(x: Tensor): Tensor {
    const index = this.#next++;
    const layer = this.#layers[index] as DlibLayer;
    const name = this.#next === this.#layers.length ? 'output' : `layer${index}`;
    switch (layer.type) {
      case 'convolution':
        return this.#convolution(name, x, layer);
      case 'maxPool':
      case 'averagePool':
        return this.#pool(name, x, layer);
      case 'fullyConnected':
        return this.#fullyConnected(name, x, layer);
      case 'relu':
        return { ...x, node: this.#graph.op(name, 'Relu', [x.node]) };
      case 'tag':
        this.#tags.push(x);
        return x;
      case 'skip':
        return this.#tag(2);
      case 'addTagged':
        return this.#sum(name, x, this.#tag(1));
      case 'affine':
        throw unreadable('a scale layer does not follow a convolution, which is not supported');
    }
  }

  /** The tag that was set last, or before the last. */
  #tag(back: number): Tensor {
    const tag = this.#tags[this.#tags.length - back];
    if (!tag) throw unreadable('a layer refers to a layer that does not exist');
    return tag;
  }

  /** A layer of a type, if it is the next one. */
  #take<Type extends DlibLayer['type']>(type: Type): Extract<DlibLayer, { type: Type }> | undefined {
    const layer = this.#layers[this.#next];
    if (layer?.type !== type) return undefined;
    this.#next++;
    return layer as Extract<DlibLayer, { type: Type }>;
  }

  #convolution(name: string, x: Tensor, layer: DlibConvolution): Tensor {
    const { outputs, rows, columns, stride, padding } = layer;
    const inputs = layer.filters.length / (outputs * rows * columns);
    if (inputs !== x.channels) throw unreadable(`a convolution reads ${inputs} channels of ${x.channels}`);
    const scales = this.#take('affine');
    const relu = this.#take('relu');
    const { filter, bias } = foldedWeights(layer, inputs, scales?.scale, scales?.shift);
    const isSame = stride === 1 && 2 * padding === rows - 1 && rows === columns;
    const from =
      isSame || padding === 0 ? x : this.#pad(`${name}/padded`, x, [padding, padding], [padding, padding], 0);
    const node = this.#graph.convolution(
      name,
      from.node,
      this.#graph.floats(`${name}/filter`, [rows, columns, inputs, outputs], filter),
      this.#graph.floats(`${name}/bias`, [outputs], bias),
      { stride, padding: isSame ? 'SAME' : 'VALID', ...(relu && { activation: 'Relu' }) },
    );
    return { node, channels: outputs, size: isSame ? x.size : slidSize(from.size, rows, columns, stride) };
  }

  #pool(name: string, x: Tensor, layer: Extract<DlibLayer, { type: 'maxPool' | 'averagePool' }>): Tensor {
    const { type, rows, columns, stride, padding } = layer;
    if (rows === 0 && columns === 0 && type === 'averagePool') {
      const axes = this.#graph.integers(`${name}/axes`, [2], [1, 2]);
      const node = this.#graph.op(name, 'Mean', [x.node, axes], { keep_dims: { b: false } });
      return { node, channels: x.channels, size: { width: 1, height: 1 } };
    }
    if (rows !== columns || rows === 0 || padding !== 0) throw unreadable('a pool has a form that is not supported');
    const kind = type === 'maxPool' ? 'MaxPool' : 'AvgPool';
    const node = this.#graph.pool(name, x.node, kind, rows, stride, 'VALID');
    return { node, channels: x.channels, size: slidSize(x.size, rows, columns, stride) };
  }

  #fullyConnected(
    name: string,
    x: Tensor,
    { outputs, weights }: Extract<DlibLayer, { type: 'fullyConnected' }>,
  ): Tensor {
    const inputs = weights.length / outputs;
    if (inputs !== x.channels || x.size?.width !== 1)
      throw unreadable('a fully connected layer does not follow a pool of the whole image');
    const matrix = this.#graph.floats(`${name}/weights`, [inputs, outputs], weights);
    const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
    return { node: this.#graph.op(name, 'MatMul', [x.node, matrix], attributes), channels: outputs, size: x.size };
  }

  /** A sum. If the shapes differ, dlib pads the smaller one with zeros. */
  #sum(name: string, a: Tensor, b: Tensor): Tensor {
    const [left, right] = [this.#padded(`${name}/left`, a, b), this.#padded(`${name}/right`, b, a)];
    return { ...left, node: this.#graph.op(name, 'AddV2', [left.node, right.node]) };
  }

  #padded(name: string, x: Tensor, { channels, size }: Tensor): Tensor {
    if ((!x.size || !size) && x.channels === channels) return x;
    if (!x.size || !size) throw unreadable('it adds layers of different sizes');
    const rows = Math.max(0, size.height - x.size.height);
    const columns = Math.max(0, size.width - x.size.width);
    const more = Math.max(0, channels - x.channels);
    return rows + columns + more === 0 ? x : this.#pad(name, x, [0, rows], [0, columns], more);
  }

  /** Pads with zeros before and after the rows and columns, and after the channels. */
  #pad(name: string, x: Tensor, rows: [number, number], columns: [number, number], channels: number): Tensor {
    const paddings = this.#graph.integers(`${name}/paddings`, [4, 2], [0, 0, ...rows, ...columns, 0, channels]);
    const size = x.size && {
      width: x.size.width + columns[0] + columns[1],
      height: x.size.height + rows[0] + rows[1],
    };
    return { node: this.#graph.op(name, 'Pad', [x.node, paddings]), channels: x.channels + channels, size };
  }
}

/** The size of the output of a window that slides without padding. */
function slidSize(size: Tensor['size'], rows: number, columns: number, stride: number): Tensor['size'] {
  return (
    size && {
      width: Math.floor((size.width - columns) / stride) + 1,
      height: Math.floor((size.height - rows) / stride) + 1,
    }
  );
}

/** The filter as [rows, columns, inputs, outputs] and the bias, with the scale layer that follows. */
function foldedWeights(
  { outputs, rows, columns, filters, biases }: DlibConvolution,
  inputs: number,
  scale: Float32Array = new Float32Array(outputs).fill(1),
  shift: Float32Array = new Float32Array(outputs),
): { filter: Float32Array; bias: Float32Array } {
  if (scale.length !== outputs) throw unreadable('a scale layer has another number of channels than its convolution');
  const taps = rows * columns;
  const filter = new Float32Array(filters.length);
  for (let output = 0, from = 0; output < outputs; output++) {
    const factor = scale[output] as number;
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++, from++) {
        filter[(tap * inputs + input) * outputs + output] = (filters[from] as number) * factor;
      }
    }
  }
  return { filter, bias: biases.map((bias, i) => bias * (scale[i] as number) + (shift[i] as number)) };
}
