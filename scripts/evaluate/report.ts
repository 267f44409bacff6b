import type { HeldOutCalibration, Rate } from '../kit/lfw/calibration.ts';
import type { Protocol } from '../kit/lfw/facenet.ts';
import type { Summary } from '../kit/lfw/summary.ts';

/** The figures of a peer. */
export interface PeerReport extends Summary {
  /** The number of images without a face. */
  undetected: number;
  /** The figures over the pairs in which it found both faces. */
  withoutUndetected: Summary;
  /** The accuracy at its own threshold, over the same pairs. */
  ownThreshold: number;
}

/** The figures of an evaluation; fractions from 0 to 1. */
export interface Report extends Summary, HeldOutCalibration {
  preset: string;
  protocol: Protocol;
  pairs: number;
  images: number;
  /** The number of images without a face. */
  undetected: number;
  /** The figures without the tenth of the pairs whose poorer face has the lowest quality. */
  withoutPoorest?: Summary;
  /** The median. */
  msPerImage: number;
  peers: Record<string, PeerReport>;
}

/** The report as text. */
export function table(report: Report): string {
  const header = ['accuracy', 'VAL@1e-1', 'VAL@1e-2', 'VAL@1e-3', 'AUC', 'EER', 'undetected'];
  const widths = [14, 9, 9, 9, 8, 6, 11];
  const lines = [
    `${report.pairs} pairs, ${report.images} images; protocol: ${report.protocol}; all in %`,
    [''.padEnd(34), ...header.map((head, i) => head.padStart(widths[i] as number))].join(' '),
    row(`facenet-web (${report.preset})`, report, String(report.undetected)),
  ];
  if (report.withoutPoorest) lines.push(row('  without the poorest tenth', report.withoutPoorest, ''));
  for (const [name, peer] of Object.entries(report.peers)) {
    lines.push(row(name, peer, String(peer.undetected)));
    lines.push(row('  pairs with both faces found', peer.withoutUndetected, ''));
    lines.push(`  at its own threshold, same pairs: ${percent(peer.ownThreshold)}`);
  }
  const { ece, realisedFar, realisedFarAmongAll } = report;
  lines.push(
    `calibration, held out: expected error ${percent(ece)} %`,
    `realised FAR, held out: ${percent(realisedFar['1e-2'])} % at 1 %, ${percent(realisedFar['1e-3'], 3)} % at 0.1 %`,
    `  all impostor pairs: ${interval(realisedFarAmongAll['1e-2'])} at 1 %, ${interval(realisedFarAmongAll['1e-3'])} at 0.1 %`,
    `${report.msPerImage.toFixed(0)} ms per image (median, this machine)`,
  );
  return `${lines.join('\n')}\n`;
}

function row(name: string, summary: Summary, undetected: string): string {
  return [
    name.padEnd(34),
    `${percent(summary.accuracy.mean)} ± ${percent(summary.accuracy.se)}`.padStart(14),
    ...(['1e-1', '1e-2', '1e-3'] as const).map((far) => percent(summary.val[far], 1).padStart(9)),
    percent(summary.auc, 3).padStart(8),
    percent(summary.eer).padStart(6),
    undetected.padStart(11),
  ].join(' ');
}

function interval({ rate, low, high }: Rate): string {
  return `${percent(rate, 3)} % [${percent(low, 3)}, ${percent(high, 3)}]`;
}

function percent(value: number, digits = 2): string {
  return Number.isFinite(value) ? (100 * value).toFixed(digits) : '–';
}
