import { boxAround, boxCentre } from '../../core/math.ts';
import type { Face } from '../../core/types.ts';
import type { DetectionDescriptor, DetectionHead } from '../../models/manifest.ts';
import type { Network } from '../../runtime/network.ts';
import type { Detector } from '../detector.ts';
import { blazeFaceDecoder } from './blazeface.ts';
import { ssdDecoder } from './ssd.ts';
import { yoloDecoder } from './yolo.ts';

/** Candidates below this are noise even to the most patient caller, and cost time. */
const leastScore = 0.1;

/** A detector that is a TensorFlow.js graph model: runs on any backend, with no WebGL and no MediaPipe. */
export function networkDetector(network: Network, { name, preprocessing, head }: DetectionDescriptor): Detector {
  const size = preprocessing.width;
  const decode = decoderOf(head, size);
  const { scale = 1, shift = 0 } = head.type === 'blazeface' ? {} : head.box;
  return {
    name,
    inputSize: size,
    async find(pictures, signal) {
      const answers = (await network.run(pictures, signal)) as [Float32Array, Float32Array, Float32Array][];
      return answers.map((outputs) => decode(outputs).map((face) => resized(face, scale, shift)));
    },
    dispose: () => network.dispose(),
  };
}

function decoderOf(head: DetectionHead, size: number) {
  if (head.type === 'blazeface') return blazeFaceDecoder(head, size, leastScore);
  if (head.type === 'ssd') return ssdDecoder(head, size, leastScore);
  return yoloDecoder(head, size, leastScore);
}

/** A face whose box is made a square of `scale` times its longer side, moved down by `shift` of that side. */
function resized(face: Face, scale: number, shift: number): Face {
  if (scale === 1 && shift === 0) return face;
  const longer = Math.max(face.box.width, face.box.height);
  const { x, y } = boxCentre(face.box);
  return { ...face, box: boxAround({ x, y: y + shift * longer }, longer * scale, longer * scale) };
}
