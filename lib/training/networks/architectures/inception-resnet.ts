import { type Architecture, type Block, convolution, type Layer, pooling, type Residual } from '../description.ts';

/** A convolution with batch normalisation in place of a bias, as in facenet's `arg_scope`. */
const conv = (name: string, filters: number, kernel: number | readonly [number, number], options: object = {}) =>
  convolution(name, filters, kernel, { offset: 'batch-normalisation', ...options });

const valid = { padding: 'valid' } as const;
const halving = { padding: 'valid', stride: 2 } as const;

/** Parallel branches, a 1×1 convolution back to the input's channels, and a scaled residual connection. */
function block(
  name: string,
  scale: number,
  channels: number,
  branches: Layer[][],
  activation: Residual['activation'] = 'relu',
): Residual {
  const up = convolution('Conv2d_1x1', channels, 1, { offset: 'bias', activation: 'linear' });
  return { kind: 'residual', name, scale, layers: [{ kind: 'block', name: '', branches }, up], activation };
}

/** Inception-ResNet-A; `block35` in facenet. */
function block35(name: string): Residual {
  return block(name, 0.17, 256, [
    [conv('Conv2d_1x1', 32, 1)],
    [conv('Conv2d_0a_1x1', 32, 1), conv('Conv2d_0b_3x3', 32, 3)],
    [conv('Conv2d_0a_1x1', 32, 1), conv('Conv2d_0b_3x3', 32, 3), conv('Conv2d_0c_3x3', 32, 3)],
  ]);
}

/** Inception-ResNet-B; `block17` in facenet. */
function block17(name: string): Residual {
  return block(name, 0.1, 896, [
    [conv('Conv2d_1x1', 128, 1)],
    [conv('Conv2d_0a_1x1', 128, 1), conv('Conv2d_0b_1x7', 128, [1, 7]), conv('Conv2d_0c_7x1', 128, [7, 1])],
  ]);
}

/** Inception-ResNet-C; `block8` in facenet. */
function block8(name: string, scale: number, activation: Residual['activation']): Residual {
  const branches = [
    [conv('Conv2d_1x1', 192, 1)],
    [conv('Conv2d_0a_1x1', 192, 1), conv('Conv2d_0b_1x3', 192, [1, 3]), conv('Conv2d_0c_3x1', 192, [3, 1])],
  ];
  return block(name, scale, 1792, branches, activation);
}

const repeat = (times: number, make: (number: number) => Layer) => Array.from({ length: times }, (_, i) => make(i + 1));

const stem: readonly Layer[] = [
  conv('Conv2d_1a_3x3', 32, 3, halving),
  conv('Conv2d_2a_3x3', 32, 3, valid),
  conv('Conv2d_2b_3x3', 64, 3),
  pooling('MaxPool_3a_3x3', 'max', 2, 'valid'),
  conv('Conv2d_3b_1x1', 80, 1, valid),
  conv('Conv2d_4a_3x3', 192, 3, valid),
  conv('Conv2d_4b_3x3', 256, 3, halving),
];

const reductionA: Block = {
  kind: 'block',
  name: 'Mixed_6a',
  branches: [
    [conv('Conv2d_1a_3x3', 384, 3, halving)],
    [conv('Conv2d_0a_1x1', 192, 1), conv('Conv2d_0b_3x3', 192, 3), conv('Conv2d_1a_3x3', 256, 3, halving)],
    [pooling('MaxPool_1a_3x3', 'max', 2, 'valid')],
  ],
};

const reductionB: Block = {
  kind: 'block',
  name: 'Mixed_7a',
  branches: [
    [conv('Conv2d_0a_1x1', 256, 1), conv('Conv2d_1a_3x3', 384, 3, halving)],
    [conv('Conv2d_0a_1x1', 256, 1), conv('Conv2d_1a_3x3', 256, 3, halving)],
    [conv('Conv2d_0a_1x1', 256, 1), conv('Conv2d_0b_3x3', 256, 3), conv('Conv2d_1a_3x3', 256, 3, halving)],
    [pooling('MaxPool_1a_3x3', 'max', 2, 'valid')],
  ],
};

/** The last layers. @param units the length of the embedding. */
const embedding = (units: number): readonly Layer[] => [
  { kind: 'average-pooling', name: 'AvgPool_1a_8x8' },
  { kind: 'dropout', name: 'Dropout', rate: 0.2 },
  {
    kind: 'fully-connected',
    name: 'Bottleneck',
    units,
    maxout: 1,
    offset: 'batch-normalisation',
    activation: 'linear',
  },
  { kind: 'l2-normalisation', name: 'embeddings' },
];

/**
 * Inception-ResNet v1 (Szegedy et al., arXiv 1602.07261) as implemented in David Sandberg's facenet,
 * `src/models/inception_resnet_v1.py`. The weights have the names of that implementation, without the suffix `:0`.
 *
 * @param dimension the length of the embedding: 512 in the releases of 2018, 128 in earlier ones.
 */
export function inceptionResNetV1Of(dimension: number): Architecture {
  return {
    name: 'Inception-ResNet v1',
    source: 'davidsandberg/facenet, src/models/inception_resnet_v1.py (MIT)',
    input: [160, 160, 3],
    scope: 'InceptionResnetV1',
    layers: [
      ...stem,
      ...repeat(5, (i) => block35(`Repeat/block35_${i}`)),
      reductionA,
      ...repeat(10, (i) => block17(`Repeat_1/block17_${i}`)),
      reductionB,
      ...repeat(5, (i) => block8(`Repeat_2/block8_${i}`, 0.2, 'relu')),
      block8('Block8', 1, 'linear'),
      ...embedding(dimension),
    ],
  };
}

/**
 * Inception-ResNet v1 of the releases of 2018 (the models 20180402-114759 and 20180408-102900), with an embedding of 512
 * dimensions. Images are standardised as (x − 127.5) / 128.
 */
export const inceptionResNetV1 = inceptionResNetV1Of(512);
