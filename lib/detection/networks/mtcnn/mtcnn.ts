import { boxAround } from '../../../core/math.ts';
import type { Landmarks, Pixels, Point } from '../../../core/types.ts';
import { type Affine, apply, compose, direction } from '../../../image/affine.ts';
import type { PixelSource } from '../../../image/pixel-source.ts';
import { warp } from '../../../image/warp.ts';
import type { BoxRule, DetectionDescriptor } from '../../../models/manifest.ts';
import type { Network } from '../../../runtime/network.ts';
import type { DetectedFace, PictureDetector, SearchArea } from '../../detector.ts';
import { type Candidate, corrected, cropOf, squared, suppressCandidates } from './candidates.ts';
import { proposals } from './proposals.ts';

/** The minimum scores of the second and the third network. (David Sandberg's align code) */
const minRefinedScore = 0.7;
const minOutputScore = 0.7;

/** The maximum overlap of candidates of one face. (David Sandberg's align code) */
const maxOverlap = 0.7;

/** The networks of MTCNN in the order in which they run. */
export interface MtcnnNetworks {
  proposal: Network;
  refinement: Network;
  output: Network;
}

/** Options of {@link mtcnnDetector}. */
export interface MtcnnOptions {
  /** Whether faces carry the five landmarks. */
  landmarks: boolean;
}

/** A candidate with its landmarks, in pixels of the searched area. */
interface Finding extends Candidate {
  points: Point[];
}

/**
 * Creates MTCNN (Zhang et al. 2016, arXiv 1604.02878) with the thresholds and the geometry of David Sandberg's
 * align/detect_face.py: a fully convolutional network proposes candidates at every scale, a second and a third network
 * score and correct them, and the third finds five landmarks. It disposes of the networks.
 */
export function mtcnnDetector(
  networks: MtcnnNetworks,
  { name, head }: DetectionDescriptor,
  { landmarks }: MtcnnOptions,
): PictureDetector {
  const { box } = head as Extract<DetectionDescriptor['head'], { type: 'mtcnn' }>;
  return {
    name,
    async search(picture, area, minSize, signal) {
      const stage = { picture, area, signal };
      const proposed = await proposals(networks.proposal, picture, area, minSize, signal);
      const refined = await refine(networks.refinement, stage, proposed);
      const findings = await output(networks.output, stage, refined);
      return findings.map((finding) => toFace(finding, area, box, landmarks));
    },
    dispose() {
      for (const network of Object.values(networks) as Network[]) network.dispose();
    },
  };
}

/** What a stage crops its candidates from. */
interface Stage {
  picture: PixelSource;
  area: SearchArea;
  signal: AbortSignal | undefined;
}

/** The second stage. Its network returns the probabilities of no face and of a face, and the corrections. */
async function refine(network: Network, stage: Stage, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const outputs = (await runOnCrops(network, stage, candidates)) as [Float32Array, Float32Array][];
  const scored = candidates.flatMap((candidate, i) => {
    const [[, score = 0] = [], regression] = outputs[i] as [Float32Array, Float32Array];
    return score > minRefinedScore ? [{ ...candidate, score, regression }] : [];
  });
  return suppressCandidates(scored, maxOverlap).map((candidate) => squared(corrected(candidate, candidate.regression)));
}

/** The third stage. Its network returns the landmarks as well: five x, then five y, as fractions of the crop. */
async function output(network: Network, stage: Stage, candidates: readonly Candidate[]): Promise<Finding[]> {
  const outputs = (await runOnCrops(network, stage, candidates)) as [Float32Array, Float32Array, Float32Array][];
  const findings = candidates.flatMap((candidate, i) => {
    const [[, score = 0] = [], regression, positions] = outputs[i] as [Float32Array, Float32Array, Float32Array];
    if (score <= minOutputScore) return [];
    const crop = cropOf(candidate, 1);
    const points = Array.from({ length: 5 }, (_, point) =>
      apply(crop, { x: positions[point] as number, y: positions[point + 5] as number }),
    );
    return [{ ...corrected({ ...candidate, score }, regression), points }];
  });
  return suppressCandidates(findings, maxOverlap, 'smaller');
}

/** Runs a network on the crop of each candidate. */
function runOnCrops(
  network: Network,
  { picture, area, signal }: Stage,
  candidates: readonly Candidate[],
): Promise<Float32Array[][]> {
  const { width: size } = network.descriptor.preprocessing;
  function* crops(): Generator<Pixels> {
    for (const candidate of candidates)
      yield warp(picture, compose(area.toSource, cropOf(candidate, size)), size, size);
  }
  return network.run(crops(), signal);
}

/** Maps a finding to source pixels, with a box as BlazeFace has it. */
function toFace(
  finding: Finding,
  { toSource }: SearchArea,
  { scale, shift }: BoxRule,
  withLandmarks: boolean,
): DetectedFace {
  const { left, top, right, bottom, score } = finding;
  const longer = Math.max(right - left, bottom - top);
  const centre = apply(toSource, { x: (left + right) / 2, y: (top + bottom) / 2 + shift * longer });
  const side = longer * scale;
  const landmarks = landmarksOf(finding, toSource);
  const [rightEye, leftEye] = landmarks.points as [Point, Point];
  return {
    score,
    box: boxAround(centre, side, side),
    roll: direction(rightEye, leftEye),
    ...(withLandmarks && { landmarks }),
  };
}

/**
 * The five points, with the box as the reference returns it, which counts its first pixel from 1. A face that was found in
 * a turned picture has no box: it would not be upright.
 */
function landmarksOf({ left, top, right, bottom, points }: Finding, toSource: Affine): Landmarks {
  const centre = apply(toSource, { x: (left + 1 + right) / 2, y: (top + 1 + bottom) / 2 });
  return {
    scheme: 'points-5',
    points: points.map((point) => apply(toSource, point)),
    ...(toSource.b === 0 && { box: boxAround(centre, right - left - 1, bottom - top - 1) }),
  };
}
