import type { Rate } from '../kit/lfw/calibrate.ts';
import type { Summary } from '../kit/lfw/summary.ts';
import type { Protocol } from '../kit/lfw/systems.ts';

/** Everything that an evaluation finds out; fractions from 0 to 1. */
export interface Report extends Summary {
  preset: string;
  protocol: Protocol;
  pairs: number;
  images: number;
  undetected: number;
  ece: number;
  /** At the thresholds fitted to the other folds: among the fold's listed pairs, and among all strangers of its photos. */
  realisedFar: { '1e-2': number; '1e-3': number };
  realisedFarAmongAll: { '1e-2': Rate; '1e-3': Rate };
  /** The same figures without the tenth of the pairs whose poorer face has the lowest quality. */
  withoutPoorest?: Summary;
  msPerImage: number;
  peers: Record<string, Summary & { undetected: number; withoutUndetected: Summary; ownThreshold: number }>;
}

/** The report for people. */
export function table(report: Report): string {
  const percent = (value: number, digits = 2) => (Number.isFinite(value) ? (100 * value).toFixed(digits) : '–');
  const row = (name: string, summary: Summary, undetected: string) =>
    [
      name.padEnd(34),
      `${percent(summary.accuracy.mean)} ± ${percent(summary.accuracy.se)}`.padStart(14),
      ...(['1e-1', '1e-2', '1e-3'] as const).map((far) => percent(summary.val[far], 1).padStart(9)),
      percent(summary.auc, 3).padStart(8),
      percent(summary.eer).padStart(6),
      undetected.padStart(11),
    ].join(' ');
  const heads = ['accuracy', 'VAL@1e-1', 'VAL@1e-2', 'VAL@1e-3', 'AUC', 'EER', 'undetected'];
  const widths = [14, 9, 9, 9, 8, 6, 11];
  const interval = ({ rate, low, high }: Rate) => `${percent(rate, 3)} % [${percent(low, 3)}, ${percent(high, 3)}]`;
  const lines = [
    `${report.pairs} pairs, ${report.images} images; protocol: ${report.protocol}; all in %`,
    [''.padEnd(34), ...heads.map((head, i) => head.padStart(widths[i] as number))].join(' '),
    row(`facenet-web (${report.preset})`, report, String(report.undetected)),
  ];
  if (report.withoutPoorest) lines.push(row('  without the poorest tenth', report.withoutPoorest, ''));
  for (const [name, peer] of Object.entries(report.peers)) {
    lines.push(row(name, peer, String(peer.undetected)));
    lines.push(row('  on the pairs that it sees', peer.withoutUndetected, ''));
    lines.push(`  at its own threshold, on those:  ${percent(peer.ownThreshold)}`);
  }
  lines.push(
    `calibration, held out: expected error ${percent(report.ece)} %`,
    `realised FAR, held out: ${percent(report.realisedFar['1e-2'])} % at 1 %, ${percent(report.realisedFar['1e-3'], 3)} % at 0.1 %`,
    `  among all strangers: ${interval(report.realisedFarAmongAll['1e-2'])} at 1 %, ${interval(report.realisedFarAmongAll['1e-3'])} at 0.1 %`,
    `${report.msPerImage.toFixed(0)} ms per image (median, this machine)`,
  );
  return `${lines.join('\n')}\n`;
}
