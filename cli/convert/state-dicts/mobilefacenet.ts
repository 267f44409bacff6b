import { countOf, type Layer, type Layout, type StateDict, sizeOf } from './layout.ts';

type Convolution = Extract<Layer, { kind: 'convolution' }>;

/** Convolution and batch normalisation. */
const linearBlock = (name: string, options: Omit<Convolution, 'kind' | 'name'>): Layer[] => [
  { kind: 'convolution', name: `${name}.conv`, ...options },
  { kind: 'batch-normalisation', name: `${name}.bn` },
];

/** Convolution, batch normalisation and PReLU. */
const block = (name: string, options: Omit<Convolution, 'kind' | 'name'>): Layer[] => [
  ...linearBlock(name, options),
  { kind: 'prelu', name: `${name}.prelu` },
];

/** A bottleneck: 1×1 to more channels, 3×3 depthwise, 1×1 to the output's channels. */
function bottleneck(tensors: StateDict, name: string, stride: number): Layer[] {
  const [wide, out] = [sizeOf(tensors, `${name}.conv.conv.weight`), sizeOf(tensors, `${name}.project.conv.weight`)];
  return [
    ...block(`${name}.conv`, { out: wide }),
    ...block(`${name}.conv_dw`, { out: wide, size: 3, stride, padding: 1, depthwise: true }),
    ...linearBlock(`${name}.project`, { out }),
  ];
}

/** Bottlenecks with residual connections. */
function residuals(tensors: StateDict, name: string): Layer[] {
  return Array.from({ length: countOf(tensors, `${name}.model.`) }, (_, i) => ({
    kind: 'sum',
    body: bottleneck(tensors, `${name}.model.${i}`, 1),
    shortcut: [],
  }));
}

/**
 * MobileFaceNet (Chen et al., arXiv 1804.07573) as in TreB1eN/InsightFace_Pytorch, model.py (MIT), whose layout face.evoLVe and most
 * other trainings in PyTorch use. Channels and the length of the embedding are those of the tensors.
 */
export const mobileFaceNetLayout: Layout = {
  name: 'MobileFaceNet (TreB1eN/InsightFace_Pytorch)',
  recognises: (tensors) => tensors.has('conv_6_dw.conv.weight') && tensors.has('conv2_dw.conv.weight'),
  network(tensors) {
    const width = sizeOf(tensors, 'conv1.conv.weight');
    const separate = sizeOf(tensors, 'conv_6_sep.conv.weight');
    return {
      input: [112, 112],
      layers: [
        ...block('conv1', { out: width, size: 3, stride: 2, padding: 1 }),
        ...block('conv2_dw', { out: width, size: 3, padding: 1, depthwise: true }),
        ...['conv_23', 'conv_34', 'conv_45'].flatMap((name, i) => [
          ...bottleneck(tensors, name, 2),
          ...residuals(tensors, `conv_${i + 3}`),
        ]),
        ...block('conv_6_sep', { out: separate }),
        ...linearBlock('conv_6_dw', { out: separate, size: 7, depthwise: true }),
        { kind: 'flatten' },
        { kind: 'linear', name: 'linear', out: sizeOf(tensors, 'linear.weight') },
        { kind: 'batch-normalisation', name: 'bn' },
      ],
      outputs: { embedding: [] },
    };
  },
};
