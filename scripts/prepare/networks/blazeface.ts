import { graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import { convertTflite } from '../../../cli/convert/readers/tflite/convert-tflite.ts';
import type { BlazeFaceGrids, DetectionDescriptor } from '../../../lib/models/manifest.ts';
import { packageFile, source } from '../sources/npm-packages.ts';
import { type DescriptorWithoutFiles, type Network, symmetricRange } from './network.ts';
import { addMetadata } from './tflite-metadata.ts';

const mediaPipe = '@mediapipe/face_detection';

/** A variant of BlazeFace. */
interface Range {
  range: string;
  file: string;
  /** The side of the input in pixels. */
  size: number;
  grids: BlazeFaceGrids;
}

const ranges: Range[] = [
  {
    range: 'full',
    file: 'face_detection_full_range_sparse.tflite',
    size: 192,
    grids: [{ stride: 4, perCell: 1 }],
  },
  {
    range: 'short',
    file: 'face_detection_short_range.tflite',
    size: 128,
    grids: [
      { stride: 8, perCell: 2 },
      { stride: 16, perCell: 6 },
    ],
  },
];

/** BlazeFace: each range as a graph model, and as a .tflite file for MediaPipe. */
export function blazeFaces(): Network[] {
  return [...ranges.map(asGraphModel), ...ranges.map(forMediaPipe)];
}

function asGraphModel({ range, file, size, grids }: Range): Network {
  const conversion = 'converted to a graph model: the same operations, weights as float16';
  return {
    descriptor: {
      name: `blazeface-${range}`,
      task: 'detection',
      engine: 'tfjs',
      ...tensors(size, grids),
      closeUp: 'blazeface-short',
      ...origin(file, conversion),
    } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
    files: graphModelFiles(
      convertTflite(packageFile(mediaPipe, file), { outputNames: ['regressors', 'classificators'] }),
    ),
  };
}

function forMediaPipe({ range, file, size, grids }: Range): Network {
  const tflite = packageFile(mediaPipe, file);
  const conversion = 'TFLITE_METADATA added (mean and std 127.5); the network is as published';
  return {
    descriptor: {
      name: `mediapipe-blazeface-${range}`,
      task: 'detection',
      engine: 'mediapipe',
      ...tensors(size, grids),
      fallback: `blazeface-${range}`,
      closeUp: 'blazeface-short',
      ...origin(file, conversion),
    } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
    files: [{ path: `blazeface-${range}.tflite`, bytes: addMetadata(tflite, { mean: 127.5, std: 127.5 }, 2) }],
  };
}

function tensors(size: number, grids: BlazeFaceGrids) {
  const anchors = grids.reduce((sum, { stride, perCell }) => sum + (size / stride) ** 2 * perCell, 0);
  return {
    input: { name: 'image', shape: [-1, size, size, 3] },
    outputs: [
      { name: 'regressors', shape: [-1, anchors, 16] },
      { name: 'classificators', shape: [-1, anchors, 1] },
    ],
    preprocessing: symmetricRange(size),
    head: { type: 'blazeface' as const, grids },
  };
}

function origin(file: string, conversion: string) {
  return {
    licence: 'Apache-2.0',
    trainingData: 'Google-internal; see the MediaPipe BlazeFace model cards',
    source: source(mediaPipe, [file], conversion),
  };
}
