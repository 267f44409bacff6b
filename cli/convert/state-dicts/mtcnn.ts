import type { Layer, Layout } from './layout.ts';

const conv = (name: string, out: number, size: number): Layer => ({ kind: 'convolution', name, out, size, bias: true });
const prelu = (name: string): Layer => ({ kind: 'prelu', name });
const pool = (size: number): Layer => ({ kind: 'max-pooling', size, stride: 2, ceil: true });
const channelsLast: Layer = { kind: 'channels-last' };
const dense = (name: string, out: number): Layer => ({ kind: 'linear', name, out, bias: true });

/**
 * The three networks of MTCNN (Zhang et al., arXiv 1604.02878) as in timesler/facenet-pytorch, models/mtcnn.py (MIT). RGB images,
 * (v − 127.5) / 128. Boxes are offsets (left, top, right, bottom) in sides of the window.
 */
export const mtcnnLayouts: readonly Layout[] = [
  {
    name: 'P-Net of MTCNN (facenet-pytorch)',
    recognises: (tensors) => tensors.has('conv4_1.weight') && tensors.has('conv4_2.weight'),
    network: () => ({
      // A window.
      input: [12, 12],
      takesAnySize: true,
      layers: [
        ...[conv('conv1', 10, 3), prelu('prelu1'), pool(2)],
        ...[conv('conv2', 16, 3), prelu('prelu2'), conv('conv3', 32, 3), prelu('prelu3')],
      ],
      outputs: {
        boxes: [conv('conv4_2', 4, 1), channelsLast],
        scores: [conv('conv4_1', 2, 1), { kind: 'softmax' }, channelsLast],
      },
    }),
  },
  {
    name: 'R-Net of MTCNN (facenet-pytorch)',
    recognises: (tensors) => tensors.has('dense5_1.weight'),
    network: () => ({
      input: [24, 24],
      layers: [
        ...[conv('conv1', 28, 3), prelu('prelu1'), pool(3)],
        ...[conv('conv2', 48, 3), prelu('prelu2'), pool(3)],
        ...[conv('conv3', 64, 2), prelu('prelu3'), { kind: 'flatten-by-columns' } as const],
        ...[dense('dense4', 128), prelu('prelu4')],
      ],
      outputs: { boxes: [dense('dense5_2', 4)], scores: [dense('dense5_1', 2), { kind: 'softmax' }] },
    }),
  },
  {
    name: 'O-Net of MTCNN (facenet-pytorch)',
    recognises: (tensors) => tensors.has('dense6_3.weight'),
    network: () => ({
      input: [48, 48],
      layers: [
        ...[conv('conv1', 32, 3), prelu('prelu1'), pool(3)],
        ...[conv('conv2', 64, 3), prelu('prelu2'), pool(3)],
        ...[conv('conv3', 64, 3), prelu('prelu3'), pool(2)],
        ...[conv('conv4', 128, 2), prelu('prelu4'), { kind: 'flatten-by-columns' } as const],
        ...[dense('dense5', 256), prelu('prelu5')],
      ],
      outputs: {
        boxes: [dense('dense6_2', 4)],
        landmarks: [dense('dense6_3', 10)],
        scores: [dense('dense6_1', 2), { kind: 'softmax' }],
      },
    }),
  },
];
