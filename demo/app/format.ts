import { language } from './language.ts';

/**
 * Formats a probability as a percentage, limited to 0.1–99.9 %: the calibration is not accurate beyond.
 *
 * @param probability 0 to 1.
 */
export function formatProbability(probability: number): string {
  const digits = probability > 0.99 || probability < 0.01 ? 1 : 0;
  const limited = Math.min(0.999, Math.max(0.001, probability));
  const text = formatShare(limited, { maximumFractionDigits: digits });
  if (probability > 0.999) return `> ${text}`;
  return probability < 0.001 ? `< ${text}` : text;
}

/** Formats a share, 0 to 1, as a percentage: "4 %" in English, "4%" in Korean. */
export function formatShare(share: number, options: Intl.NumberFormatOptions = {}): string {
  const text = new Intl.NumberFormat(language.value, { style: 'percent', ...options }).format(share);
  return language.value === 'en' ? text.replace('%', '\u00a0%') : text;
}

/** Formats a number with a fixed number of decimal places. */
export function formatNumber(value: number, digits: number): string {
  return new Intl.NumberFormat(language.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** Formats the reciprocal of a rate, such as 1,000 for 0.001. */
export function formatRate(rate: number): string {
  return new Intl.NumberFormat(language.value).format(Math.round(1 / rate));
}

/** Formats a number of bytes in decimal megabytes or gigabytes. */
export function formatBytes(count: number): string {
  const [unit, size] = count >= 1e9 ? (['GB', 1e9] as const) : (['MB', 1e6] as const);
  return `${formatNumber(count / size, count / size < 100 ? 1 : 0)} ${unit}`;
}

/** Formats the day of a date. */
export function formatDate(date: Date): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(date);
}
