import { boxAround, boxCentre } from '../../core/math.ts';
import type { Face } from '../../core/types.ts';
import type { DetectionDescriptor, DetectionHead } from '../../models/manifest.ts';
import type { Network } from '../../runtime/network.ts';
import type { Detector } from '../detector.ts';
import { blazeFaceDecoder } from './blazeface.ts';
import { ssdDecoder } from './ssd.ts';
import { yoloDecoder } from './yolo.ts';

/** Candidates with a lower score are noise: dropping them first makes suppression faster. */
const minScore = 0.1;

/** Creates a detector from a graph model, which runs on any backend without MediaPipe. It disposes of the network. */
export function networkDetector(network: Network, { name, preprocessing, head }: DetectionDescriptor): Detector {
  const size = preprocessing.width;
  const decode = decoderOf(head, size);
  const { scale = 1, shift = 0 } = 'box' in head ? head.box : {};
  return {
    name,
    inputSize: size,
    async find(pictures, signal) {
      const outputs = (await network.run(pictures, signal)) as [Float32Array, Float32Array, Float32Array][];
      return outputs.map((tensors) => decode(tensors).map((face) => resized(face, scale, shift)));
    },
    dispose: () => network.dispose(),
  };
}

function decoderOf(head: DetectionHead, size: number) {
  if (head.type === 'blazeface') return blazeFaceDecoder(head, size, minScore);
  if (head.type === 'ssd') return ssdDecoder(head, size, minScore);
  if (head.type === 'yolo') return yoloDecoder(head, size, minScore);
  throw new Error(`A network of the type ${head.type} is not a detector of its own.`);
}

/** Makes a face's box a square of `scale` times its longer side, moved down by `shift` of that side. */
function resized(face: Face, scale: number, shift: number): Face {
  if (scale === 1 && shift === 0) return face;
  const longer = Math.max(face.box.width, face.box.height);
  const { x, y } = boxCentre(face.box);
  return { ...face, box: boxAround({ x, y: y + shift * longer }, longer * scale, longer * scale) };
}
