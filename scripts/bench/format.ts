import type { Spread } from '../kit/statistics.ts';
import type { SystemReport } from './report.ts';

/** The name of a system in a table. */
export function systemLabel(name: string, { emulated }: SystemReport): string {
  return `${name}${emulated ? ' (emulated)' : ''}`;
}

/** "3 faces", for a scene. */
export function facesLabel(scene: string): string {
  return `${scene} face${scene === '1' ? '' : 's'}`;
}

/** "1.23×"; "–" if there is no ratio. */
export function ratioText(ratio: number | undefined): string {
  return ratio === undefined || !Number.isFinite(ratio) ? '–' : `${ratio.toFixed(2)}×`;
}

/** "12 (10–15)": the median and the range in milliseconds; "–" if there is none. */
export function spreadText(value: Spread | undefined): string {
  if (!value) return '–';
  const digits = value.median < 10 ? 1 : 0;
  return `${value.median.toFixed(digits)} (${value.min.toFixed(digits)}–${value.max.toFixed(digits)})`;
}
