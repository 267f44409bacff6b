import type { FoldMean } from '../../lib/evaluation/index.ts';
import type { ExperimentContext } from './context.ts';

/** The result of an experiment: the text for docs/experiments.md, and the plots for docs/experiments/, by name. */
export interface Outcome {
  markdown: string;
  plots: Record<string, string>;
}

/** An experiment. */
export type Experiment = (context: ExperimentContext) => Promise<Outcome>;

/** A fraction in per cent. */
export function percent(fraction: number, digits = 1): string {
  return (100 * fraction).toFixed(digits);
}

/** A mean with its standard error, in per cent. */
export function meanText({ mean, standardError }: FoldMean, digits = 1): string {
  const error = Number.isFinite(standardError) ? ` ± ${percent(standardError, digits)}` : '';
  return `${percent(mean, digits)}${error}`;
}

/** A point of a plot, in per cent. */
export function pointOf(x: number, { mean, standardError }: FoldMean) {
  return { x, y: 100 * mean, ...(Number.isFinite(standardError) && { error: 100 * standardError }) };
}

/** The image of a plot in docs/experiments.md. */
export function picture(name: string, what: string): string {
  return `![${what}](experiments/${name}.svg)\n`;
}
