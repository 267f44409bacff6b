import { formatNumber } from '../../app/format.ts';
import { language } from '../../app/language.ts';

/** A share as a formatProbability with so many digits after the point. */
export function percent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return '–';
  return new Intl.NumberFormat(language.value, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
}

/** A false-accept rate, as short as it is exact. */
export function rate(far: number): string {
  return new Intl.NumberFormat(language.value, { style: 'percent', maximumSignificantDigits: 2 }).format(far);
}

export function count(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** Milliseconds, with a digit after the point where they are few. */
export function milliseconds(value: number): string {
  return `${formatNumber(value, value < 10 ? 1 : 0)} ms`;
}
