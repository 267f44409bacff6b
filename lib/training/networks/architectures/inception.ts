import { type Architecture, convolution, fullyConnected, type Layer, pooling, sequence } from '../description.ts';
import { inception } from './inception-module.ts';

const normalised = { kind: 'response-normalisation', name: 'norm' } as const;

/** How all of table 2's networks begin: down to an eighth of the picture's sides. */
const beginning: readonly Layer[] = [
  convolution('conv1', 64, 7, { stride: 2 }),
  sequence('max pool + norm', pooling('pool', 'max', 2), normalised),
  sequence('inception (2)', convolution('3x3_reduce', 64, 1), convolution('3x3', 192, 3)),
  sequence('norm + max pool', normalised, pooling('pool', 'max', 2)),
  inception('inception (3a)', { one: 64, three: [96, 128], five: [16, 32], pool: 'max', projected: 32 }),
  inception('inception (3b)', { one: 64, three: [96, 128], five: [32, 64], pool: 'l2', projected: 64 }),
  inception('inception (3c)', { three: [128, 256], five: [32, 64], pool: 'max', stride: 2 }),
  inception('inception (4a)', { one: 256, three: [96, 192], five: [32, 64], pool: 'l2', projected: 128 }),
  inception('inception (4b)', { one: 224, three: [112, 224], five: [32, 64], pool: 'l2', projected: 128 }),
  inception('inception (4c)', { one: 192, three: [128, 256], five: [32, 64], pool: 'l2', projected: 128 }),
  inception('inception (4d)', { one: 160, three: [144, 288], five: [32, 64], pool: 'l2', projected: 128 }),
];

/** How they end: a vector of 128 numbers and of length 1. */
const ending: readonly Layer[] = [
  { kind: 'average-pooling', name: 'avg pool' },
  fullyConnected('fully conn', 128),
  { kind: 'l2-normalisation', name: 'L2 normalization' },
];

/**
 * NN2, with inception modules: the FaceNet paper's table 2 (arXiv 1503.03832), without the biases. 7,448,256 parameters,
 * 1.6 billion multiply-adds.
 */
export const nn2: Architecture = {
  name: 'NN2',
  source: 'FaceNet paper, table 2',
  input: [224, 224, 3],
  layers: [
    ...beginning,
    inception('inception (4e)', { three: [160, 256], five: [64, 128], pool: 'max', stride: 2 }),
    inception('inception (5a)', { one: 384, three: [192, 384], five: [48, 128], pool: 'l2', projected: 128 }),
    inception('inception (5b)', { one: 384, three: [192, 384], five: [48, 128], pool: 'max', projected: 128 }),
    ...ending,
  ],
};

/** NN3: NN2 for pictures of 160×160 pixels (FaceNet paper, section 3.3). 7,448,256 parameters, 815 million multiply-adds. */
export const nn3: Architecture = { ...nn2, name: 'NN3', source: 'FaceNet paper, section 3.3', input: [160, 160, 3] };

/**
 * NN4: for pictures of 96×96 pixels, and without 5×5 convolutions in the higher layers, which such pictures are too small for
 * (FaceNet paper, section 3.3). Which layers these are is not said; without those of 4e, 5a and 5b it has the paper's 285 million
 * multiply-adds, and 6,600,384 parameters.
 */
export const nn4: Architecture = {
  name: 'NN4',
  source: 'FaceNet paper, section 3.3; which 5×5 branches are left out is our reading',
  input: [96, 96, 3],
  layers: [
    ...beginning,
    inception('inception (4e)', { three: [160, 256], pool: 'max', stride: 2 }),
    inception('inception (5a)', { one: 384, three: [192, 384], pool: 'l2', projected: 128 }),
    inception('inception (5b)', { one: 384, three: [192, 384], pool: 'max', projected: 128 }),
    ...ending,
  ],
};
