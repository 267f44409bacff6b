import { blazeFaces } from './blazeface.ts';
import { dlibResnet } from './dlib-resnet.ts';
import { faceMesh } from './face-mesh.ts';
import { landmarks68 } from './landmarks-68.ts';
import { antispoof, livenessNet } from './liveness.ts';
import { mobileFaceNet } from './mobilefacenet.ts';
import { mtcnn } from './mtcnn.ts';
import type { Network } from './network.ts';
import { ssdMobilenet } from './ssd-mobilenet.ts';
import { tinyYolo } from './tiny-yolo.ts';

/** All networks that facenet-web ships. The first of each task is the default. */
export function networks(): Network[] {
  return [
    ...blazeFaces(),
    ssdMobilenet(),
    tinyYolo(),
    ...mtcnn(),
    faceMesh(),
    landmarks68(),
    dlibResnet(),
    mobileFaceNet(),
    antispoof(),
    livenessNet(),
  ];
}
