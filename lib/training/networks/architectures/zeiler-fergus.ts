import { type Architecture, convolution, fullyConnected, pooling } from '../description.ts';

/**
 * NN1: the network of Zeiler and Fergus with additional 1×1 convolutions (FaceNet paper, arXiv 1503.03832, table 1), without
 * biases. 140,006,592 parameters, 1.6 billion multiply-adds.
 */
export const nn1: Architecture = {
  name: 'NN1',
  source: 'FaceNet paper, table 1',
  input: [220, 220, 3],
  layers: [
    convolution('conv1', 64, 7, { stride: 2 }),
    pooling('pool1', 'max', 2),
    { kind: 'response-normalisation', name: 'rnorm1' },
    convolution('conv2a', 64, 1),
    convolution('conv2', 192, 3),
    { kind: 'response-normalisation', name: 'rnorm2' },
    pooling('pool2', 'max', 2),
    convolution('conv3a', 192, 1),
    convolution('conv3', 384, 3),
    pooling('pool3', 'max', 2),
    convolution('conv4a', 384, 1),
    convolution('conv4', 256, 3),
    convolution('conv5a', 256, 1),
    convolution('conv5', 256, 3),
    convolution('conv6a', 256, 1),
    convolution('conv6', 256, 3),
    pooling('pool4', 'max', 2),
    { kind: 'flattening', name: 'concat' },
    fullyConnected('fc1', 32 * 128, { maxout: 2 }),
    fullyConnected('fc2', 32 * 128, { maxout: 2 }),
    fullyConnected('fc7128', 128),
    { kind: 'l2-normalisation', name: 'L2' },
  ],
};
