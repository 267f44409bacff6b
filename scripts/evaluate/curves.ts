import { readFileSync, writeFileSync } from 'node:fs';
import type { ScoredPair } from '../../lib/evaluation/index.ts';
import type { Report } from './report.ts';

/** What the demo's Lab shows of a preset: its figures, and what each distance accepts. */
export interface PresetCurves {
  pairs: number;
  images: number;
  accuracy: Report['accuracy'];
  val: Report['val'];
  auc: number;
  eer: number;
  /** The expected calibration error, held out. */
  ece: number;
  /** How many pairs of one person and of two people the rates below are shares of. */
  counted: { same: number; different: number };
  /** For distances by rising tread: the share of pairs of one person (val) and of two people (far) that lies within. */
  curve: [distance: number, val: number, far: number][];
}

/** How far apart the curve's distances are. */
const tread = 0.01;

/**
 * What each distance accepts, which is all that a ROC, VAL at any false-accept rate and both distributions are drawn from.
 *
 * @param pairs pairs of one person and of two; at least one of each.
 * @returns from the last distance that accepts nothing to the first that accepts all.
 */
export function acceptCurve(pairs: readonly ScoredPair[]): PresetCurves['curve'] {
  const steps = Math.ceil(pairs.reduce((most, { distance }) => Math.max(most, distance), 0) / tread) + 1;
  const within = { same: new Float64Array(steps), different: new Float64Array(steps) };
  const counted = { same: 0, different: 0 };
  for (const { distance, same } of pairs) {
    const kind = same ? 'same' : 'different';
    counted[kind]++;
    (within[kind][Math.ceil(distance / tread)] as number) += 1;
  }
  const digits = (value: number) => Number(value.toPrecision(4));
  const curve: PresetCurves['curve'] = [];
  let [same, different] = [0, 0];
  for (let step = 0; step < steps; step++) {
    same += within.same[step] as number;
    different += within.different[step] as number;
    curve.push([digits(step * tread), digits(same / counted.same), digits(different / counted.different)]);
  }
  const firstUsed = curve.findIndex(([, val, far]) => val + far > 0);
  return curve.slice(Math.max(0, firstUsed - 1));
}

/** Writes a preset's curves into the file that the demo's Lab reads, beside those of the other presets. */
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
