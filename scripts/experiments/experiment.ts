import type { FoldMean } from '../../lib/evaluation/index.ts';
import type { Lab } from './lab.ts';

/** What an experiment found: the text for docs/experiments.md, and plots for docs/experiments/, by their names. */
export interface Outcome {
  markdown: string;
  plots: Record<string, string>;
}

/** One of the paper's experiments, or ours. */
export type Experiment = (lab: Lab) => Promise<Outcome>;

/** A table in Markdown. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`;
  return `${line(heads)}${line(heads.map(() => '-')).replaceAll(' ', '')}${rows.map(line).join('')}`;
}

/** A share as per cent. */
export function percent(share: number, digits = 1): string {
  return (100 * share).toFixed(digits);
}

/** A mean with its standard error, in per cent. */
export function meanText({ mean, standardError }: FoldMean, digits = 1): string {
  const error = Number.isFinite(standardError) ? ` ± ${percent(standardError, digits)}` : '';
  return `${percent(mean, digits)}${error}`;
}

/** A point of a plot in per cent. */
export function pointOf(x: number, { mean, standardError }: FoldMean) {
  return { x, y: 100 * mean, ...(Number.isFinite(standardError) && { error: 100 * standardError }) };
}

/** The picture of a plot in docs/experiments.md. */
export function picture(name: string, what: string): string {
  return `![${what}](experiments/${name}.svg)\n`;
}
