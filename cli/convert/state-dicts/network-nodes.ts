import type { OnnxAttribute, OnnxFile, OnnxNode } from '../readers/onnx/onnx-file.ts';
import type { Layer, Network } from './layout.ts';

/** The output of a layer: the name of its value, its channels, and its size if it is an image. */
interface Feature {
  name: string;
  channels: number;
  size: readonly [height: number, width: number] | undefined;
}

/** A network with the operators of ONNX, and the shapes of the tensors that it reads. */
export interface NetworkNodes {
  graph: Omit<OnnxFile, 'initializers'>;
  shapes: Map<string, readonly number[]>;
}

/** Writes a network that is described as data with the operators of ONNX, which are those of PyTorch. */
export function networkNodes({ input, layers, outputs }: Network): NetworkNodes {
  const writer = new NodeWriter();
  const image: Feature = { name: 'image', channels: 3, size: input };
  const trunk = writer.layers(layers, image);
  const results = Object.entries(outputs).map(([name, branch]) => {
    const { name: value } = writer.layers(branch, trunk);
    writer.add('Identity', [value], {}, name);
    return { name, shape: [] };
  });
  const inputs = [{ name: 'image', shape: [1, 3, ...input] }];
  return { graph: { opset: 17, nodes: writer.nodes, inputs, outputs: results }, shapes: writer.shapes };
}

class NodeWriter {
  readonly nodes: OnnxNode[] = [];
  readonly shapes = new Map<string, readonly number[]>();

  /** Adds a node and returns the name of its output. */
  add(op: string, inputs: string[], attributes: Record<string, Partial<OnnxAttribute>> = {}, output?: string): string {
    const name = output ?? `v${this.nodes.length}`;
    const empty = { f: 0, i: 0, s: '', t: undefined, floats: [], ints: [] };
    const entries = Object.entries(attributes).map(([key, value]) => [key, { ...empty, ...value }] as const);
    this.nodes.push({ name, op, domain: '', inputs, outputs: [name], attributes: new Map(entries) });
    return name;
  }

  /** Adds layers one after the other. */
  layers(layers: readonly Layer[], input: Feature): Feature {
    return layers.reduce((feature, layer) => this.#layer(layer, feature), input);
  }

  /** The name of a tensor, whose shape is noted. */
  #tensor(name: string, shape: readonly number[]): string {
    this.shapes.set(name, shape);
    return name;
  }

  #layer(layer: Layer, input: Feature): Feature {
    const { name, channels } = input;
    switch (layer.kind) {
      case 'convolution':
        return this.#convolution(layer, input);
      case 'linear':
        return this.#linear(layer, input);
      case 'batch-normalisation':
        return { ...input, name: this.#normalisation(layer, input) };
      case 'prelu': {
        // ONNX needs the axes of an image, which the weight of the module lacks.
        const slopes = this.#tensor(`${layer.name}.weight`, [channels]);
        const aligned = input.size ? this.add('Unsqueeze', [slopes], { axes: { ints: [1, 2] } }) : slopes;
        return { ...input, name: this.add('PRelu', [name, aligned]) };
      }
      case 'relu':
        return { ...input, name: this.add('Relu', [name]) };
      case 'sigmoid':
        return { ...input, name: this.add('Sigmoid', [name]) };
      case 'softmax':
        return { ...input, name: this.add('Softmax', [name], { axis: { i: 1 } }) };
      case 'global-average':
        return { ...input, name: this.add('GlobalAveragePool', [name]), size: [1, 1] };
      case 'channels-last':
        return { ...input, name: this.add('Transpose', [name], { perm: { ints: [0, 2, 3, 1] } }) };
      case 'max-pooling':
        return this.#maxPooling(layer, input);
      case 'flatten':
        return flattened(input, this.add('Flatten', [name]));
      case 'flatten-by-columns': {
        const turned = this.add('Transpose', [name], { perm: { ints: [0, 3, 2, 1] } });
        return flattened(input, this.add('Flatten', [turned]));
      }
      case 'sum': {
        const [body, shortcut] = [this.layers(layer.body, input), this.layers(layer.shortcut, input)];
        return { ...body, name: this.add('Add', [body.name, shortcut.name]) };
      }
      case 'gate':
        return { ...input, name: this.add('Mul', [name, this.layers(layer.layers, input).name]) };
    }
  }

  #convolution(layer: Extract<Layer, { kind: 'convolution' }>, { name, channels, size }: Feature): Feature {
    const { out, size: side = 1, stride = 1, padding = 0, depthwise, bias } = layer;
    const shape = [out, depthwise ? 1 : channels, side, side];
    const inputs = [name, this.#tensor(`${layer.name}.weight`, shape)];
    if (bias) inputs.push(this.#tensor(`${layer.name}.bias`, [out]));
    const result = this.add('Conv', inputs, {
      strides: { ints: [stride, stride] },
      pads: { ints: [padding, padding, padding, padding] },
      group: { i: depthwise ? channels : 1 },
    });
    return { name: result, channels: out, size: resized(size, side, stride, 2 * padding, Math.floor) };
  }

  #linear({ name, out, bias }: Extract<Layer, { kind: 'linear' }>, input: Feature): Feature {
    const inputs = [input.name, this.#tensor(`${name}.weight`, [out, input.channels])];
    if (bias) inputs.push(this.#tensor(`${name}.bias`, [out]));
    return { name: this.add('Gemm', inputs, { transB: { i: 1 } }), channels: out, size: undefined };
  }

  #normalisation(layer: Extract<Layer, { kind: 'batch-normalisation' }>, { name, channels }: Feature): string {
    const roles = ['weight', 'bias', 'running_mean', 'running_var'];
    const tensors = roles.map((role) => {
      const isAbsent = layer.affine === false && !role.startsWith('running');
      return isAbsent
        ? this.#constant(channels, role === 'weight' ? 1 : 0)
        : this.#tensor(`${layer.name}.${role}`, [channels]);
    });
    return this.add('BatchNormalization', [name, ...tensors], { epsilon: { f: 1e-5 } });
  }

  /** A vector of one value. */
  #constant(length: number, value: number): string {
    return this.add('Constant', [], { value_floats: { floats: new Array<number>(length).fill(value) } });
  }

  #maxPooling({ size, stride, ceil }: Extract<Layer, { kind: 'max-pooling' }>, input: Feature): Feature {
    const name = this.add('MaxPool', [input.name], {
      kernel_shape: { ints: [size, size] },
      strides: { ints: [stride, stride] },
      ceil_mode: { i: ceil ? 1 : 0 },
    });
    return { ...input, name, size: resized(input.size, size, stride, 0, ceil ? Math.ceil : Math.floor) };
  }
}

function flattened({ channels, size: [height, width] = [1, 1] }: Feature, name: string): Feature {
  return { name, channels: channels * height * width, size: undefined };
}

function resized(
  size: Feature['size'],
  window: number,
  stride: number,
  padding: number,
  rounding: (value: number) => number,
): Feature['size'] {
  const count = (side: number) => rounding((side + padding - window) / stride) + 1;
  return size && [count(size[0]), count(size[1])];
}
