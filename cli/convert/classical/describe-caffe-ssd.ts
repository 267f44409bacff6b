import type { DetectionDescriptor, ModelSource, Preprocessing } from '../../../lib/models/manifest.ts';
import { fuse } from '../fusion/fuse.ts';
import { graphModelFiles } from '../graph/graph-model.ts';
import { type Quantization, quantize } from '../graph/quantize.ts';
import { readCaffeModel } from '../readers/caffe/caffemodel.ts';
import { networkOf } from '../readers/caffe/network.ts';
import { parsePrototxt } from '../readers/caffe/prototxt.ts';
import { graphOfSsd, inputNode } from '../readers/caffe/ssd-graph.ts';
import { expectedOutputs } from '../self-check.ts';
import type { ClassicalModel } from './classical-model.ts';

/** The means of opencv/samples/dnn/face_detector and of the tutorials: blue, green and red. The files do not contain them. */
const mean: Preprocessing['mean'] = [104, 177, 123];

/** The two files of a network of Caffe, and what to call it. */
export interface CaffeFiles {
  /** The text of the .prototxt, and the bytes of the .caffemodel. */
  description: Uint8Array;
  weights: Uint8Array;
  source: Omit<ModelSource, 'conversion'>;
  /** Default: `opencv-dnn-ssd`. */
  name?: string | undefined;
  /** The type of the stored weights. Default: 32-bit floats. */
  quantize?: Quantization | undefined;
}

/**
 * Converts an SSD for OpenCV's DNN module, such as res10 of opencv/samples/dnn/face_detector: deploy.prototxt with its .caffemodel of 32-bit
 * or 16-bit floats.
 *
 * @throws {FaceNetError} `model-file-damaged`, or `model-file-unsupported` with the layer that is not converted.
 */
export async function describeCaffeSsd({
  description,
  weights,
  source,
  name = 'opencv-dnn-ssd',
  quantize: rule,
}: CaffeFiles): Promise<ClassicalModel> {
  const network = networkOf(parsePrototxt(description), readCaffeModel(weights));
  const { graph, outputs, head } = graphOfSsd(network);
  const fused = fuse(graph, outputs);
  const files = graphModelFiles(rule ? quantize(fused, rule) : fused);
  const { width, height } = network.input;
  const common = {
    input: { name: inputNode, shape: [-1, height, width, 3] },
    outputs: outputs.map((output) => ({ name: output, shape: [-1] })),
    preprocessing: { width, height, channels: 'bgr' as const, mean, std: [1, 1, 1] as [number, number, number] },
  };
  const found = await expectedOutputs(common, files);
  const descriptor: Omit<DetectionDescriptor, 'files'> = {
    name,
    task: 'detection',
    engine: 'tfjs',
    head,
    ...common,
    outputs: outputs.map((output, i) => ({ name: output, shape: [-1, found.outputs[i]?.length as number] })),
    licence: "that of your file: OpenCV's res10 is published with OpenCV, whose licence is Apache-2.0",
    trainingData: 'that of your file: OpenCV does not name the photos that res10 was trained on',
    source: { ...source, conversion: 'an SSD of Caffe, converted to a graph model; prior boxes as data' },
    selfCheck: found.checks,
  };
  return {
    option: 'detector',
    descriptor,
    files: files.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) })),
  };
}
