import { language } from './language.ts';

/** A share as a percentage; a calibration cannot tell what is beyond a thousandth. */
export function percentage(share: number): string {
  const digits = share > 0.99 || share < 0.01 ? 1 : 0;
  const kept = Math.min(0.999, Math.max(0.001, share));
  const text = new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: digits }).format(kept);
  if (share > 0.999) return `> ${text}`;
  return share < 0.001 ? `< ${text}` : text;
}

/** A number with so many digits after the point. */
export function figure(value: number, digits: number): string {
  return new Intl.NumberFormat(language.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A number of bytes, as people say it. */
export function bytes(count: number): string {
  const [unit, size] = count >= 1e9 ? (['GB', 1e9] as const) : (['MB', 1e6] as const);
  return `${figure(count / size, count / size < 100 ? 1 : 0)} ${unit}`;
}
