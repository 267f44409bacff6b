import { countOf, type Layer, type Layout, type Network, type StateDict, sizeOf } from './layout.ts';

/** Blocks in each of the four stages, by their sum. */
const stagesOf: Record<number, readonly number[]> = {
  8: [2, 2, 2, 2],
  16: [3, 4, 6, 3],
  24: [3, 4, 14, 3],
  49: [3, 13, 30, 3],
  50: [3, 8, 36, 3],
};

const conv3x3 = (name: string, out: number, stride = 1): Layer => ({
  kind: 'convolution',
  name,
  out,
  size: 3,
  stride,
  padding: 1,
});
const normalisation = (name: string): Layer => ({ kind: 'batch-normalisation', name });
const prelu = (name: string): Layer => ({ kind: 'prelu', name });

/** The names of the layers of a block: those of the main branch in their order, the projection, and the gate. */
interface BlockNames {
  body: (out: number, stride: number) => Layer[];
  projection: string;
  gate?: string;
}

/** A block of two convolutions after batch normalisation. The shortcut skips pixels, or projects to more channels. */
function block(tensors: StateDict, { body, projection, gate }: BlockNames, out: number, stride: number): Layer {
  const isProjected = tensors.has(`${projection}.0.weight`);
  const gateLayers = gate && tensors.has(`${gate}.fc1.weight`) ? [gateOf(tensors, gate, out)] : [];
  const shortcut: Layer[] = isProjected
    ? [{ kind: 'convolution', name: `${projection}.0`, out, stride }, normalisation(`${projection}.1`)]
    : stride > 1
      ? [{ kind: 'max-pooling', size: 1, stride }]
      : [];
  return { kind: 'sum', body: [...body(out, stride), ...gateLayers], shortcut };
}

/** Squeeze and excitation. */
function gateOf(tensors: StateDict, name: string, out: number): Layer {
  return {
    kind: 'gate',
    layers: [
      { kind: 'global-average' },
      { kind: 'convolution', name: `${name}.fc1`, out: sizeOf(tensors, `${name}.fc1.weight`) },
      { kind: 'relu' },
      { kind: 'convolution', name: `${name}.fc2`, out },
      { kind: 'sigmoid' },
    ],
  };
}

/** The layers after the blocks. Without the features of training, the last normalisation has no factor and no summand. */
function embedding(tensors: StateDict, names: { image: string; linear: string; vector: string }): Layer[] {
  const isAffine = tensors.has(`${names.vector}.weight`);
  return [
    normalisation(names.image),
    { kind: 'flatten' },
    { kind: 'linear', name: names.linear, out: sizeOf(tensors, `${names.linear}.weight`), bias: true },
    { kind: 'batch-normalisation', name: names.vector, ...(isAffine ? {} : { affine: false }) },
  ];
}

/** The stride of each block, from the number of blocks: the first one of each stage halves the image. */
function stridesOf(count: number): number[] {
  const stages = stagesOf[count] ?? [count];
  return stages.flatMap((length) => Array.from({ length }, (_, i) => (i === 0 ? 2 : 1)));
}

/** The network of the layout with the modules input_layer, body and output_layer. */
function backbone(tensors: StateDict, body: (name: string, out: number, stride: number) => Layer[]): Network {
  return {
    input: [112, 112],
    layers: [
      conv3x3('input_layer.0', sizeOf(tensors, 'input_layer.0.weight')),
      normalisation('input_layer.1'),
      prelu('input_layer.2'),
      ...stridesOf(countOf(tensors, 'body.')).map((stride, i) => {
        const name = `body.${i}`;
        const out = sizeOf(tensors, `${name}.res_layer.1.weight`);
        const names = {
          body: (filters: number, step: number) => body(`${name}.res_layer`, filters, step),
          projection: `${name}.shortcut_layer`,
          gate: `${name}.res_layer.5`,
        };
        return block(tensors, names, out, stride);
      }),
      ...embedding(tensors, { image: 'output_layer.0', linear: 'output_layer.3', vector: 'output_layer.4' }),
    ],
    outputs: { embedding: [] },
  };
}

/** IR-50, IR-SE-50 and their sizes (Deng et al., arXiv 1801.07698), in three layouts. */
export const improvedResNetLayouts: readonly Layout[] = [
  {
    name: 'IR or IR-SE (TreB1eN/InsightFace_Pytorch, face.evoLVe)',
    recognises: (tensors) => tensors.get('body.0.res_layer.2.weight')?.shape.length === 1 && !isAdaFace(tensors),
    network: (tensors) =>
      backbone(tensors, (name, out, stride) => [
        ...[normalisation(`${name}.0`), conv3x3(`${name}.1`, out), prelu(`${name}.2`)],
        ...[conv3x3(`${name}.3`, out, stride), normalisation(`${name}.4`)],
      ]),
  },
  {
    name: 'IR (mk-minchul/AdaFace)',
    recognises: isAdaFace,
    network: (tensors) =>
      backbone(tensors, (name, out, stride) => [
        ...[normalisation(`${name}.0`), conv3x3(`${name}.1`, out), normalisation(`${name}.2`), prelu(`${name}.3`)],
        ...[conv3x3(`${name}.4`, out, stride), normalisation(`${name}.5`)],
      ]),
    ignored: /^head\./,
  },
  {
    name: 'IResNet (deepinsight/insightface, arcface_torch)',
    recognises: (tensors) => tensors.has('layer1.0.bn3.weight') && tensors.has('features.running_mean'),
    network: (tensors) => ({
      input: [112, 112],
      layers: [
        ...[conv3x3('conv1', sizeOf(tensors, 'conv1.weight')), normalisation('bn1'), prelu('prelu')],
        ...[1, 2, 3, 4].flatMap((stage) =>
          Array.from({ length: countOf(tensors, `layer${stage}.`) }, (_, i) => {
            const name = `layer${stage}.${i}`;
            return block(tensors, iresnetBlock(name), sizeOf(tensors, `${name}.conv1.weight`), i === 0 ? 2 : 1);
          }),
        ),
        ...embedding(tensors, { image: 'bn2', linear: 'fc', vector: 'features' }),
      ],
      outputs: { embedding: [] },
    }),
  },
];

/** AdaFace's blocks have a normalisation between the first convolution and its PReLU. */
function isAdaFace(tensors: StateDict): boolean {
  return tensors.has('body.0.res_layer.2.running_mean');
}

function iresnetBlock(name: string): BlockNames {
  return {
    body: (out, stride) => [
      ...[normalisation(`${name}.bn1`), conv3x3(`${name}.conv1`, out), normalisation(`${name}.bn2`)],
      ...[prelu(`${name}.prelu`), conv3x3(`${name}.conv2`, out, stride), normalisation(`${name}.bn3`)],
    ],
    projection: `${name}.downsample`,
  };
}
