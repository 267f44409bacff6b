import type { Interval } from './bootstrap.ts';
import { type CohortRatio, type MeasuredRate, type PairSupport, ruleOfThree } from './measured-rate.ts';
import { escapeHtml } from './report-plots.ts';

/** A share as a percentage with three significant digits; a dash for none. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const value = 100 * share;
  if (value === 0) return '0 %';
  return `${value < 0.001 ? value.toExponential(1) : Number(value.toPrecision(3))} %`;
}

/** A rate as a power of ten, if it is one; otherwise as a percentage. */
export function power(rate: number): string {
  const exponent = Math.round(Math.log10(rate));
  const digits = [...String(-exponent)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return Math.abs(rate / 10 ** exponent - 1) < 1e-9 && exponent < 0 ? `10⁻${digits}` : percent(rate);
}

/** A whole number with separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** An interval in brackets; empty if there is none. */
export function interval({ low, high }: Interval): string {
  return Number.isFinite(low) && Number.isFinite(high) ? `[${percent(Math.max(0, low))}, ${percent(high)}]` : '';
}

/** A warning beside a rate that the data does not support; empty otherwise. @param events what the rate counts. */
export function badge({ support, trials }: MeasuredRate, events = 'errors'): string {
  if (support === 'supported') return '';
  const texts = {
    'few-errors': `few ${events}`,
    'no-errors': `no ${events}: ≤ ${percent(ruleOfThree(trials))}`,
    'no-trials': 'no trials',
  };
  return warning(texts[support]);
}

/** A warning beside a calibration error that the data does not support; empty otherwise. */
export function pairBadge(support: PairSupport): string {
  return support === 'supported' ? '' : warning(support === 'few-pairs' ? 'few pairs' : 'no pairs');
}

/** A short warning in a cell. */
export function warning(text: string): string {
  return `<span class="badge">${text}</span>`;
}

/** A cell with a rate, its interval and a warning. */
export function rateCell(rate: MeasuredRate | undefined, events?: string): string {
  if (!rate) return '–';
  return `${percent(rate.rate)} ${badge(rate, events)}<small>${interval(rate)}</small>`;
}

/** A cell with a worst-to-best ratio. */
export function ratioCell(ratio: CohortRatio | undefined): string {
  if (!ratio) return '–';
  const value = Number.isFinite(ratio.ratio) ? `${ratio.ratio.toPrecision(2)} ×` : '–';
  const note = ratio.supported ? '' : ` ${warning('not supported')}`;
  return `${value}${note}<small class="wrap">worst: ${escapeHtml(ratio.worst)}</small>`;
}

/**
 * A table that scrolls on narrow screens. The cells are HTML.
 *
 * @param caption what the table shows, as HTML.
 * @param text the columns of text, which may wrap.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { caption = '', text = [] }: { caption?: string; text?: readonly number[] } = {},
): string {
  const cell = (value: string, column: number) => `<td${text.includes(column) ? ' class="text"' : ''}>${value}</td>`;
  const title = caption && `<p class="caption">${caption}</p>`;
  const column = (name: string, i: number) => `<th scope="col"${text.includes(i) ? ' class="text"' : ''}>${name}</th>`;
  const header = `<thead><tr>${head.map(column).join('')}</tr></thead>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('');
  return `${title}<div class="table" tabindex="0"><table>${header}<tbody>${body}</tbody></table></div>`;
}
