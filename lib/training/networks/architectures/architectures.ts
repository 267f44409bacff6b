import type { Architecture } from '../description.ts';
import { nn2, nn3, nn4 } from './inception.ts';
import { inceptionResNetV1 } from './inception-resnet.ts';
import { nns1, nns2 } from './small-inception.ts';
import { nn1 } from './zeiler-fergus.ts';

/** All described architectures: those of the FaceNet paper, then Inception-ResNet v1. */
export const architectures = { nn1, nn2, nn3, nn4, nns1, nns2, inceptionResNetV1 } as const satisfies Record<
  string,
  Architecture
>;
