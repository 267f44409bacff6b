import { type Architecture, convolution, fullyConnected, type Layer, pooling, sequence } from '../description.ts';
import { inception } from './inception-module.ts';

const normalised = { kind: 'response-normalisation', name: 'norm' } as const;

/**
 * The last layers. The paper's budgets allow about ten times as many parameters per multiply-add as NN2 has, and fully connected
 * layers, which NN1 has as well, take the fewest multiply-adds per parameter.
 */
const embedding = (hidden: number): readonly Layer[] => [
  { kind: 'flattening', name: 'flatten' },
  fullyConnected('fc1', hidden, { maxout: 2 }),
  fullyConnected('fc2', 128),
  { kind: 'l2-normalisation', name: 'L2 normalization' },
];

/**
 * NNS1, for phones. The FaceNet paper (arXiv 1503.03832, section 3.3 and table 3) states the budget, 26 million parameters and 220
 * million multiply-adds, and calls it a “mini inception” for 165×165 pixels. The layers are our own design within that budget.
 */
export const nns1: Architecture = {
  name: 'NNS1',
  source: 'our own design, within the budget of the FaceNet paper, section 3.3',
  input: [165, 165, 3],
  layers: [
    convolution('conv1', 32, 7, { stride: 2 }),
    sequence('max pool + norm', pooling('pool', 'max', 2), normalised),
    sequence('inception (2)', convolution('3x3_reduce', 32, 1), convolution('3x3', 80, 3)),
    sequence('norm + max pool', normalised, pooling('pool', 'max', 2)),
    inception('inception (3a)', { one: 48, three: [48, 80], five: [12, 24], pool: 'max', projected: 24 }),
    inception('inception (3b)', { three: [64, 128], five: [16, 32], pool: 'max', stride: 2 }),
    inception('inception (4a)', { one: 128, three: [64, 160], five: [24, 48], pool: 'l2', projected: 64 }),
    inception('inception (4b)', { one: 112, three: [72, 160], five: [24, 48], pool: 'l2', projected: 64 }),
    inception('inception (4c)', { three: [96, 192], five: [24, 48], pool: 'max', stride: 2 }),
    inception('inception (5)', { one: 160, three: [80, 224], pool: 'max', projected: 64 }),
    ...embedding(760),
  ],
};

/**
 * NNS2, for real time on phones. The FaceNet paper (section 3.3 and table 3) states the budget, 4.3 million parameters and 20
 * million multiply-adds, and calls it a “tiny inception” for 140×116 pixels, taken here as height and width. The layers are our own
 * design within that budget.
 */
export const nns2: Architecture = {
  name: 'NNS2',
  source: 'our own design, within the budget of the FaceNet paper, section 3.3',
  input: [140, 116, 3],
  layers: [
    convolution('conv1', 16, 5, { stride: 2 }),
    sequence('max pool + norm', pooling('pool', 'max', 2), normalised),
    sequence('inception (2)', convolution('3x3_reduce', 16, 1), convolution('3x3', 32, 3)),
    sequence('norm + max pool', normalised, pooling('pool', 'max', 2)),
    inception('inception (3)', { three: [32, 64], five: [8, 16], pool: 'max', stride: 2 }),
    inception('inception (4)', { one: 48, three: [32, 64], five: [8, 16], pool: 'l2', projected: 32 }),
    inception('inception (5)', { three: [48, 96], pool: 'max', stride: 2 }),
    ...embedding(400),
  ],
};
