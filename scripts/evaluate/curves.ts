import { readFileSync, writeFileSync } from 'node:fs';
import type { ScoredPair } from '../../lib/evaluation/index.ts';
import type { Report } from './report.ts';

/** The data of a preset for the demo's Lab: its figures, and the accept rates at each distance. */
export interface PresetCurves {
  pairs: number;
  images: number;
  accuracy: Report['accuracy'];
  val: Report['val'];
  auc: number;
  eer: number;
  /** The expected calibration error on held-out folds. */
  ece: number;
  /** The number of genuine and of impostor pairs that the rates of `curve` refer to. */
  counted: { same: number; different: number };
  /** For distances at steps of {@link distanceStep}: the fraction of genuine (val) and of impostor pairs (far) within. */
  curve: [distance: number, val: number, far: number][];
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

/** Writes the data of a preset into a file that has those of the other presets too. */
export function writeCurves(file: string, report: Report, pairs: readonly ScoredPair[]): void {
  const { pairs: listed, images, accuracy, val, auc, eer, ece } = report;
  const same = pairs.filter((pair) => pair.same).length;
  const counted = { same, different: pairs.length - same };
  const content = JSON.parse(readFileSync(file, 'utf8')) as { presets: Record<string, PresetCurves> };
  content.presets[report.preset] = {
    pairs: listed,
    images,
    accuracy,
    val,
    auc,
    eer,
    ece,
    counted,
    curve: acceptCurve(pairs),
  };
  writeFileSync(file, `${JSON.stringify(content)}\n`);
}
