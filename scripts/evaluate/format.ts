import type { Interval } from '../../lib/evaluation/index.ts';

/** A fraction in per cent, without the sign; a dash if it is not finite. */
export function percentText(value: number, digits = 2): string {
  return Number.isFinite(value) ? (100 * value).toFixed(digits) : '–';
}

/** A fraction with its interval in per cent, without the sign: `97.1 [96.0, 98.0]`. */
export function intervalText({ low, high }: Interval, value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  return `${percentText(value, digits)} [${percentText(low, digits)}, ${percentText(high, digits)}]`;
}
