import type { AllPairsSummary } from '../kit/lfw/all-pairs.ts';
import type { HeldOutCalibration } from '../kit/lfw/calibration.ts';
import type { Protocol } from '../kit/lfw/facenet.ts';
import type { Summary } from '../kit/lfw/summary.ts';
import type { DegradedReport } from './degraded.ts';
import { intervalText, percentText } from './format.ts';
import type { GenuineRates, GenuineReport } from './genuine.ts';
import type { MixedRates } from './mixed-kinds.ts';

/** The figures of a system; fractions from 0 to 1. Those of {@link Summary} follow View 2. */
export interface SystemFigures extends Summary {
  /** VAL among all impostor pairs of the photos; undefined if the people are not known. */
  allPairs: AllPairsSummary | undefined;
}

/** The figures of a preset, or of another embedder. */
export interface PresetReport extends SystemFigures, HeldOutCalibration {
  name: string;
  protocol: Protocol;
  /** The number of images without a face. */
  undetected: number;
  /** The figures of View 2 without the tenth of the pairs whose poorer face has the lowest quality. */
  withoutPoorest?: Summary;
  /** The figures of degraded photos; undefined if they were not measured. */
  degraded?: DegradedReport[];
  /** The figures of pairs of different kinds of photos; undefined if they were not measured. */
  mixed?: MixedRates[];
  /** What the calibration by quality costs genuine pairs; undefined if it was not measured. */
  genuine?: GenuineReport;
  /** The figures of degradations that were left out of the fit, one at a time; of the default preset only. */
  leftOut?: DegradedReport[];
  /** The median. */
  msPerImage: number;
}

/** The figures of a peer. A pair without a face counts as an error. */
export interface PeerReport extends SystemFigures {
  name: string;
  /** The number of images without a face. */
  undetected: number;
  /** The figures over the pairs in which it found both faces. */
  withoutUndetected: SystemFigures;
  /** The accuracy at its own threshold, over the same pairs. */
  ownThreshold: number;
}

/** The figures of an evaluation. */
export interface Report {
  dataset: string;
  pairs: number;
  images: number;
  presets: PresetReport[];
  peers: PeerReport[];
}

/** The columns of the text, without the first. */
const columns = [
  { head: 'accuracy', width: 14 },
  { head: 'VAL@1e-3 of all pairs', width: 22 },
  { head: 'VAL@1e-4 of all pairs', width: 22 },
  { head: 'View 2: VAL@1e-3', width: 16 },
  { head: 'AUC', width: 8 },
  { head: 'EER', width: 6 },
  { head: 'undetected', width: 11 },
];

/** The report as text. */
export function reportText({ dataset, pairs, images, presets, peers }: Report): string {
  const impostors = presets[0]?.allPairs?.impostorPairs;
  const lines = [
    `${dataset}: ${pairs} pairs, ${images} images; all in %, [95 % interval]`,
    impostors === undefined
      ? 'The people are not known, so there is no VAL among all impostor pairs.'
      : `VAL of all pairs: among ${impostors} impostor pairs. View 2: among the listed pairs only.`,
    row(
      '',
      columns.map(({ head }) => head),
    ),
  ];
  for (const preset of presets) {
    lines.push(figuresRow(subjectName(preset), preset, preset.protocol === 'detector' ? preset.undetected : undefined));
    if (preset.withoutPoorest) lines.push(figuresRow('  without the poorest tenth', preset.withoutPoorest));
  }
  for (const peer of peers) {
    lines.push(figuresRow(peerName(peer), peer, peer.undetected));
    lines.push(figuresRow('  pairs with both faces found', peer.withoutUndetected));
    lines.push(`  at its own threshold, same pairs: ${percentText(peer.ownThreshold)}`);
  }
  return `${[...lines, ...presets.flatMap(calibrationLines)].join('\n')}\n`;
}

/** The name of a preset or an embedder, with the protocol if it is not the usual one. */
export function subjectName({ name, protocol }: Pick<PresetReport, 'name' | 'protocol'>): string {
  return protocol === 'detector' ? name : `${name}, ${protocol}`;
}

/** The name of a peer as its documentation spells it. */
export function peerName({ name }: Pick<PeerReport, 'name'>): string {
  return name === 'human' ? 'Human' : name;
}

function calibrationLines(preset: PresetReport): string[] {
  const { ece, realisedFar, realisedFarAmongAll: all, msPerImage } = preset;
  const amongAll = all && [
    `  realised FAR among all impostor pairs: ${intervalText(all['1e-2'], all['1e-2'].rate, 3)} at 1, ${intervalText(all['1e-3'], all['1e-3'].rate, 4)} at 0.1`,
  ];
  return [
    `${subjectName(preset)}: calibrated on the other folds: expected calibration error ${percentText(ece)}`,
    ...(amongAll ?? []),
    `  realised FAR among the listed pairs: ${percentText(realisedFar['1e-2'])} at 1, ${percentText(realisedFar['1e-3'], 3)} at 0.1`,
    `  ${msPerImage.toFixed(0)} ms per image (median, this machine)`,
    ...(preset.genuine ? genuineLines(preset.genuine) : []),
    ...(preset.degraded?.map(degradedLine) ?? []),
    ...(preset.leftOut?.map((row) => degradedLine({ ...row, label: `without ${row.label}` })) ?? []),
  ];
}

function figuresRow(name: string, figures: Summary & Partial<SystemFigures>, undetected?: number): string {
  const { accuracy, val, auc, eer, allPairs } = figures;
  const allPairsCell = (far: '1e-3' | '1e-4') =>
    allPairs ? intervalText(allPairs.val[far], allPairs.val[far].val, 1) : '–';
  return row(name, [
    `${percentText(accuracy.mean)} ± ${percentText(accuracy.se)}`,
    allPairsCell('1e-3'),
    allPairsCell('1e-4'),
    percentText(val['1e-3'], 1),
    percentText(auc, 3),
    percentText(eer),
    String(undetected ?? ''),
  ]);
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(30), ...cells.map((cell, i) => cell.padStart(columns[i]?.width as number))].join(' ');
}

/** The VAL of unaltered photos by both calibrations. */
function genuineLines({ listed, all }: GenuineReport): string[] {
  const line = (name: string, { pairs, plain, conditional, loss }: GenuineRates) =>
    `  VAL at 0.1 % of ${pairs.toLocaleString('en')} ${name} genuine pairs: plain ${percentText(plain)}, by quality ${percentText(conditional)}; loss ${intervalText(loss, plain - conditional, 2)}`;
  return [line('listed', listed), line('of all', all)];
}

/** Fitted to half of the people and measured on the others. */
function degradedLine({ label, plain, conditional, refused }: DegradedReport): string {
  const rates = ({ far, val }: DegradedReport['plain']) =>
    `FAR ${percentText(far['1e-2'])} at 1, ${percentText(far['1e-3'])} at 0.1, VAL ${percentText(val, 1)}`;
  return `  ${label.padEnd(30)} plain: ${rates(plain)}; by quality: ${rates(conditional)}; refused ${percentText(refused, 1)}`;
}
