import type { DetectionHead, Preprocessing } from '../../../lib/models/manifest.ts';

/** The networks of MTCNN (Zhang et al. 2016, arXiv 1604.02878) in the order in which they run: P-Net, R-Net and O-Net. */
export type MtcnnStageName = 'proposal' | 'refinement' | 'output';

/** A network of MTCNN, as the detector runs it. */
export interface MtcnnStage {
  /** The name in the publications. */
  title: string;
  /** The side of its input in pixels. */
  size: number;
  /** The shapes of the outputs, in the order in which the detector reads them. */
  outputs: Readonly<Record<string, readonly number[]>>;
}

/** The input of the fully convolutional first network: a compromise between the cost of small pictures and of borders. */
const proposalSize = 256;

/** The windows of 12 pixels, every 2 pixels, along a side of the first network's input. */
const windows = (proposalSize - 12) / 2 + 1;

/** The networks of MTCNN. */
export const mtcnnStages: Readonly<Record<MtcnnStageName, MtcnnStage>> = {
  proposal: {
    title: 'P-Net',
    size: proposalSize,
    outputs: { probabilities: [windows, windows, 2], corrections: [windows, windows, 4] },
  },
  refinement: { title: 'R-Net', size: 24, outputs: { probabilities: [2], corrections: [4] } },
  output: { title: 'O-Net', size: 48, outputs: { probabilities: [2], corrections: [4], landmarks: [10] } },
};

/** The preprocessing of images of a stage. */
export function mtcnnPreprocessing({ size }: MtcnnStage): Preprocessing {
  return { width: size, height: size, channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [128, 128, 128] };
}

/** The head of the detector `name`, which names the networks of its later stages. */
export function mtcnnHead(name: string): Extract<DetectionHead, { type: 'mtcnn' }> {
  return {
    type: 'mtcnn',
    refinement: `${name}-rnet`,
    output: `${name}-onet`,
    // The median size and position of BlazeFace's boxes, relative to MTCNN's boxes of the same faces in the sample photos and in LFW.
    box: { scale: 0.84, shift: 0.095 },
  };
}
