import { formatNumber, formatShare } from '../../app/format.ts';
import { language } from '../../app/language.ts';

/** Formats a share, 0 to 1, as a percentage with a fixed number of decimal places. A dash if it is not finite. */
export function formatPercent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return '–';
  return formatShare(share, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Formats a false-accept rate, 0 to 1, as a percentage with at most two significant digits. */
export function formatRate(far: number): string {
  return formatShare(far, { maximumSignificantDigits: 2 });
}

/** Formats an integer with the digit grouping of the current language. */
export function formatCount(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** Formats milliseconds, with one decimal place below 10. */
export function formatMilliseconds(value: number): string {
  return `${formatNumber(value, value < 10 ? 1 : 0)} ms`;
}
