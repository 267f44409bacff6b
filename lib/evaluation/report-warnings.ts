import type { MeasuredRate } from './measured-rate.ts';
import type { PerformanceReport } from './report.ts';
import { count } from './report-format.ts';
import { escapeHtml } from './report-plots.ts';

/** A warning if the data is too small for the rates at the default threshold. */
export function shortfallText({ fmr, fnmr }: { fmr: MeasuredRate; fnmr: MeasuredRate }): string {
  const weak = [fmr.support === 'supported' ? '' : 'FMR', fnmr.support === 'supported' ? '' : 'FNMR'].filter(Boolean);
  if (weak.length === 0) return '';
  return `<p class="warning">The data is too small to support ${weak.join(' and ')} at this threshold: fewer than 30 errors were observed (rule of 30). Use more people before you rely on the figure.</p>`;
}

/** A warning that names the photos that could not be read. */
export function unreadableText(names: readonly string[]): string {
  if (names.length === 0) return '';
  const verb = names.length === 1 ? 'is' : 'are';
  return `<p class="warning">${counted(names.length, 'photo', 'photos')} could not be read and ${verb} left out of all figures:<br>${names.map(escapeHtml).join('<br>')}</p>`;
}

/** A warning if some photos have no cohort. */
export function withoutCohortText({ photos, people }: PerformanceReport['withoutCohort']): string {
  if (photos === 0) return '';
  const verb = photos === 1 ? 'has' : 'have';
  return `<p class="warning">${counted(photos, 'photo', 'photos')} of ${counted(people, 'person', 'people')} ${verb} no cohort, and ${photos === 1 ? 'counts' : 'count'} in the figures of all photos only.</p>`;
}

function counted(value: number, one: string, several: string): string {
  return `${count(value)} ${value === 1 ? one : several}`;
}
