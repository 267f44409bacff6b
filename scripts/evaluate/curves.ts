import { readFileSync, writeFileSync } from 'node:fs';
import type { ScoredPair } from '../../lib/evaluation/index.ts';
import { type PresetReport, peerName, type Report, type SystemFigures } from './report.ts';

/** The figures of a system for the demo's Lab. */
export type LabFigures = Pick<SystemFigures, 'accuracy' | 'val' | 'allPairs' | 'auc' | 'eer'>;

/** The data of a preset for the demo's Lab: its figures, and the accept rates at each distance. */
export interface PresetCurves extends LabFigures {
  pairs: number;
  images: number;
  /** The expected calibration error on held-out folds. */
  ece: number;
  /** The number of genuine and of impostor pairs that the rates of `curve` refer to. */
  counted: { same: number; different: number };
  /** For distances at steps of {@link distanceStep}: the fraction of genuine (val) and of impostor pairs (far) within. */
  curve: [distance: number, val: number, far: number][];
}

/** The content of the file that the demo's Lab reads. */
export interface LabData {
  presets: Record<string, PresetCurves>;
  /** A pair without a face counts as an error. */
  peers: Record<string, LabFigures & { undetected: number }>;
}

const distanceStep = 0.01;

/**
 * The accept rates at each distance. A ROC curve, VAL at any false-accept rate and both histograms follow from them.
 *
 * @param pairs at least one genuine and one impostor pair.
 * @returns from the last distance that accepts no pair to the first that accepts all.
 */
export function acceptCurve(pairs: readonly ScoredPair[]): PresetCurves['curve'] {
  const steps = Math.ceil(pairs.reduce((max, { distance }) => Math.max(max, distance), 0) / distanceStep) + 1;
  const within = { same: new Float64Array(steps), different: new Float64Array(steps) };
  const counted = { same: 0, different: 0 };
  for (const { distance, same } of pairs) {
    const kind = same ? 'same' : 'different';
    counted[kind]++;
    (within[kind][Math.ceil(distance / distanceStep)] as number) += 1;
  }
  const rounded = (value: number) => Number(value.toPrecision(4));
  const curve: PresetCurves['curve'] = [];
  let [same, different] = [0, 0];
  for (let step = 0; step < steps; step++) {
    same += within.same[step] as number;
    different += within.different[step] as number;
    curve.push([rounded(step * distanceStep), rounded(same / counted.same), rounded(different / counted.different)]);
  }
  const firstUsed = curve.findIndex(([, val, far]) => val + far > 0);
  return curve.slice(Math.max(0, firstUsed - 1));
}

/** The data of a preset. @param pairs the pairs of the curve. */
export function presetCurves(
  { pairs, images }: Pick<Report, 'pairs' | 'images'>,
  report: PresetReport,
  curvePairs: readonly ScoredPair[],
): PresetCurves {
  const same = curvePairs.filter((pair) => pair.same).length;
  const counted = { same, different: curvePairs.length - same };
  return { pairs, images, ...labFigures(report), ece: report.ece, counted, curve: acceptCurve(curvePairs) };
}

/** Replaces the presets and the peers of a file. */
export function writeCurves(file: string, presets: LabData['presets'], peers: Report['peers']): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as LabData;
  content.presets = presets;
  content.peers = Object.fromEntries(
    peers.map((peer) => [peerName(peer), { ...labFigures(peer), undetected: peer.undetected }]),
  );
  writeFileSync(file, `${JSON.stringify(content)}\n`);
}

function labFigures({ accuracy, val, allPairs, auc, eer }: SystemFigures): LabFigures {
  return { accuracy, val, allPairs, auc, eer };
}
