import { type Architecture, convolution, fullyConnected, type Layer, pooling, sequence } from '../description.ts';
import { inception } from './inception-module.ts';

const normalised = { kind: 'response-normalisation', name: 'norm' } as const;

/** The first layers of NN2, NN3 and NN4. */
const stem: readonly Layer[] = [
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

/** Their last layers: an embedding of 128 dimensions and length 1. */
const embedding: readonly Layer[] = [
  { kind: 'average-pooling', name: 'avg pool' },
  fullyConnected('fully conn', 128),
  { kind: 'l2-normalisation', name: 'L2 normalization' },
];

/**
 * NN2: inception modules (FaceNet paper, arXiv 1503.03832, table 2), without biases. 7,448,256 parameters, 1.6 billion
 * multiply-adds.
 */
export const nn2: Architecture = {
  name: 'NN2',
  source: 'FaceNet paper, table 2',
  input: [224, 224, 3],
  layers: [
    ...stem,
    inception('inception (4e)', { three: [160, 256], five: [64, 128], pool: 'max', stride: 2 }),
    inception('inception (5a)', { one: 384, three: [192, 384], five: [48, 128], pool: 'l2', projected: 128 }),
    inception('inception (5b)', { one: 384, three: [192, 384], five: [48, 128], pool: 'max', projected: 128 }),
    ...embedding,
  ],
};

/** NN3: NN2 with an input of 160×160 pixels (FaceNet paper, section 3.3). 7,448,256 parameters, 815 million multiply-adds. */
export const nn3: Architecture = { ...nn2, name: 'NN3', source: 'FaceNet paper, section 3.3', input: [160, 160, 3] };

/**
 * NN4: an input of 96×96 pixels, without 5×5 convolutions in the higher layers (FaceNet paper, section 3.3). The paper does not name
 * those layers. Without the 5×5 branches of 4e, 5a and 5b the network has the stated 285 million multiply-adds, and 6,600,384
 * parameters.
 */
export const nn4: Architecture = {
  name: 'NN4',
  source: 'FaceNet paper, section 3.3; which 5×5 branches are left out is our reading',
  input: [96, 96, 3],
  layers: [
    ...stem,
    inception('inception (4e)', { three: [160, 256], pool: 'max', stride: 2 }),
    inception('inception (5a)', { one: 384, three: [192, 384], pool: 'l2', projected: 128 }),
    inception('inception (5b)', { one: 384, three: [192, 384], pool: 'max', projected: 128 }),
    ...embedding,
  ],
};
