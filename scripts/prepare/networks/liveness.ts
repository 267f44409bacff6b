import { graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { LivenessDescriptor } from '../../../lib/models/manifest.ts';
import { humanModel, humanSource } from '../sources/human.ts';
import { type DescriptorWithoutFiles, type Network, unitRange } from './network.ts';

/**
 * Human's enlargement of the detector's box, without rotation, for both networks: `config.face.detector.scale` in cutAndResize()
 * (src/face/facemeshutil.ts, src/face/blazeface.ts). The function also scales values to 0 to 1.
 */
const crop = { scale: 1.4 };

/** Human's anti-spoofing network (src/face/antispoof.ts). */
export function antispoof(): Network {
  return {
    descriptor: {
      name: 'antispoof',
      task: 'liveness',
      engine: 'tfjs',
      input: { name: 'conv2d_input', shape: [-1, 128, 128, 3] },
      outputs: [{ name: 'Identity', shape: [-1, 1] }],
      preprocessing: unitRange(128),
      crop,
      score: 0,
      licence:
        'MIT, as the package that carries it; its file names kaggle.com/anku420/fake-face-detection as its origin',
      trainingData:
        'Real and Fake Face Detection (ciplab, Yonsei University), as its author states (vladmandic/human#128): photos and photomontages of them, not pictures held before a camera',
      source: humanSource('antispoof'),
    } satisfies DescriptorWithoutFiles<LivenessDescriptor>,
    files: graphModelFiles(humanModel('antispoof')),
  };
}

/** Human's liveness network (src/face/liveness.ts). The first of its two outputs is the score of a live face. */
export function livenessNet(): Network {
  return {
    descriptor: {
      name: 'livenessnet',
      task: 'liveness',
      engine: 'tfjs',
      input: { name: 'conv2d_1_input', shape: [-1, 32, 32, 3] },
      outputs: [{ name: 'Identity', shape: [-1, 2] }],
      preprocessing: unitRange(32),
      crop,
      score: 0,
      licence: 'MIT, as the package that carries it; its file names github.com/leokwu/livenessnet as its origin',
      trainingData: 'not published',
      source: humanSource('liveness'),
    } satisfies DescriptorWithoutFiles<LivenessDescriptor>,
    files: graphModelFiles(humanModel('liveness')),
  };
}
