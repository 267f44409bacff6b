import { readFileSync } from 'node:fs';
import { readCaffeModel } from '../../cli/convert/readers/caffe/caffemodel.ts';
import { networkOf } from '../../cli/convert/readers/caffe/network.ts';
import { parsePrototxt } from '../../cli/convert/readers/caffe/prototxt.ts';
import { graphOfSsd } from '../../cli/convert/readers/caffe/ssd-graph.ts';
import { readNetworkLayers } from '../../cli/convert/readers/dlib/network-layers.ts';
import { readObjectDetector } from '../../cli/convert/readers/dlib/object-detector.ts';
import { readShapePredictor } from '../../cli/convert/readers/dlib/shape-predictor.ts';
import { packHogModel, unpackHogModel } from '../../lib/detection/classical/dlib/hog-model-file.ts';
import { readEncodings } from '../../lib/gallery/encodings.ts';
import { packShapePredictor, unpackShapePredictor } from '../../lib/landmarks/classical/shape-predictor-file.ts';
import { repositoryPath } from '../kit/paths.ts';
import { mutateBytes } from './mutate.ts';
import { errorCode } from './node-checks.ts';
import { type NodeTarget, nodeTarget, toBase64 } from './target.ts';

const predictor = readFileSync(repositoryPath('test/reference/classical/tiny.dat'));
const detector = readFileSync(repositoryPath('test/reference/classical/tiny.svm'));
const description = readFileSync(repositoryPath('test/reference/classical/ssd.prototxt'));
const weights = readFileSync(repositoryPath('test/reference/classical/ssd-fp16.caffemodel'));

/** A target that reads a damaged file. @param read throws a typed error, or reads the file. */
function fileTarget(file: Uint8Array, read: (bytes: Uint8Array<ArrayBuffer>) => unknown): NodeTarget {
  return nodeTarget<string>({
    limitMs: 10_000,
    make: (random) => toBase64(mutateBytes(random, file)),
    async run(text) {
      try {
        await read(new Uint8Array(Buffer.from(text, 'base64')));
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  });
}

/** Files of dlib and of Caffe, and encodings of face_recognition. */
export const targets: Record<string, NodeTarget> = {
  'dlib-predictor': fileTarget(predictor, (bytes) =>
    unpackShapePredictor(packShapePredictor(readShapePredictor(bytes))),
  ),
  'dlib-detector': fileTarget(detector, (bytes) => unpackHogModel(packHogModel(readObjectDetector(bytes)))),
  'dlib-network': fileTarget(networkStart(), readNetworkLayers),
  'caffe-description': fileTarget(description, (bytes) =>
    graphOfSsd(networkOf(parsePrototxt(bytes), readCaffeModel(weights))),
  ),
  'caffe-weights': fileTarget(weights, (bytes) =>
    graphOfSsd(networkOf(parsePrototxt(description), readCaffeModel(bytes))),
  ),
  'packed-predictor': fileTarget(packShapePredictor(readShapePredictor(predictor)), unpackShapePredictor),
  'packed-detector': fileTarget(packHogModel(readObjectDetector(detector)), unpackHogModel),
  encodings: fileTarget(new TextEncoder().encode('[[0.1, -0.2, 0.3], [1, 2, 3]]'), (bytes) =>
    readEncodings(bytes, 'dlib-resnet'),
  ),
};

/** The beginning of a network: its loss, two layers, its input and the name of the first layer. */
function networkStart(): Uint8Array {
  const text = (value: string) => [1, value.length, ...new TextEncoder().encode(value)];
  return Uint8Array.from([
    1,
    1,
    ...text('loss_metric_'),
    1,
    2,
    1,
    3,
    ...text('input_rgb_image'),
    ...Array(6).fill([1, 1]).flat(),
    ...text('relu_'),
  ]);
}
