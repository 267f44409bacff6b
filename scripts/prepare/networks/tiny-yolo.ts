import { GraphBuilder, type Padding } from '../../../cli/convert/graph/graph-builder.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { DetectionDescriptor } from '../../../lib/models/manifest.ts';
import { FaceApiWeights, faceApiSource } from '../sources/face-api.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';

/** face-api's tiny face detector. */
export function tinyYolo(): Network {
  return {
    descriptor: {
      name: 'tiny-yolo-v2',
      task: 'detection',
      engine: 'tfjs',
      input: { name: 'image', shape: [-1, 416, 416, 3] },
      outputs: [{ name: 'grid', shape: [-1, 13, 13, 25] }],
      preprocessing: {
        width: 416,
        height: 416,
        channels: 'rgb',
        mean: [117.001, 114.697, 97.404],
        std: [255, 255, 255],
      },
      head: {
        type: 'yolo',
        // tinyFaceDetector/const.ts
        anchors: [
          [1.603231, 2.094468],
          [6.041143, 7.080126],
          [2.882459, 3.518061],
          [4.266906, 5.178857],
          [9.041765, 10.66308],
        ],
        // The median size and position, relative to BlazeFace's boxes of the same faces in the sample photos.
        box: { scale: 0.8, shift: -0.06 },
      },
      licence: 'MIT',
      trainingData: 'about 14,000 images, labelled by the author of face-api.js; not published',
      source: faceApiSource('tiny_face_detector', 'rebuilt as a graph model; weights stay uint8'),
    } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
    files: graphModelFiles(buildGraph()),
  };
}

/**
 * A Tiny YOLO v2 with separable convolutions, with its uint8 weights.
 *
 * Input: `image` [n, 416, 416, 3], normalised. Output: `grid` [n, 13, 13, 25], for each cell and each of its five anchors the offsets
 * x and y, the logarithms of the relative width and height, and the logit of a face. (tinyYolov2/TinyYolov2Base.ts, runMobilenet)
 */
function buildGraph(): GraphModel {
  const weights = new FaceApiWeights('tiny_face_detector');
  const graph = new GraphBuilder();
  const constant = (name: string) => graph.constant(name, weights.get(name));

  /** A convolution with a leaky ReLU, fused as a PReLU with equal slopes. */
  const leakyConvolution = (x: string, layer: string, filter: string, padding: Padding) => {
    const { shape } = weights.get(`${layer}/bias`);
    const channels = shape[0] as number;
    const alpha = graph.floats(`${layer}/slope`, [1, 1, channels], new Float32Array(channels).fill(0.1));
    return graph.convolution(layer, x, filter, constant(`${layer}/bias`), { padding, activation: 'Prelu', alpha });
  };

  let x = leakyConvolution(graph.input('image', [-1, 416, 416, 3]), 'conv0', constant('conv0/filters'), 'VALID');
  for (let i = 1; i <= 5; i++) {
    x = graph.pool(`pool${i - 1}`, x, 'MaxPool', 2, 2, 'SAME');
    x = graph.depthwiseConvolution(`conv${i}/depthwise`, x, constant(`conv${i}/depthwise_filter`), 1);
    x = leakyConvolution(x, `conv${i}`, constant(`conv${i}/pointwise_filter`), 'SAME');
  }
  x = graph.pool('pool5', x, 'MaxPool', 2, 1, 'SAME');
  graph.op('grid', 'Identity', [graph.convolution('conv8', x, constant('conv8/filters'), constant('conv8/bias'))]);
  return graph.build();
}
