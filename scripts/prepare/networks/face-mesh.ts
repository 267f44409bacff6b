import { graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { LandmarksDescriptor } from '../../../lib/models/manifest.ts';
import { humanModel, humanSource } from '../sources/human.ts';
import { type DescriptorWithoutFiles, type Network, unitRange } from './network.ts';

/** MediaPipe's face mesh with 468 points, as a graph model from Human. */
export function faceMesh(): Network {
  return {
    descriptor: {
      name: 'facemesh-468',
      task: 'landmarks',
      engine: 'tfjs',
      scheme: 'mesh-468',
      valuesPerPoint: 3,
      unit: 'pixel',
      crop: { scale: 1.5, shift: 0 },
      input: { name: 'input_1', shape: [-1, 192, 192, 3] },
      outputs: [
        { name: 'Identity_2', shape: [-1, 1404] },
        { name: 'Identity_1', shape: [-1, 1] },
      ],
      preprocessing: unitRange(192),
      licence: 'Apache-2.0',
      trainingData: 'Google-internal; see the MediaPipe Face Mesh model card',
      source: humanSource('facemesh'),
    } satisfies DescriptorWithoutFiles<LandmarksDescriptor>,
    files: graphModelFiles(humanModel('facemesh')),
  };
}
