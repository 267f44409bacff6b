import type { GroupPerformance, PerformanceReport } from './report.ts';
import { badge, count, percent, power, rateCell, ratioCell, table } from './report-format.ts';
import { escapeHtml, type PlotAxis, type PlotLine, plotSvg } from './report-plots.ts';

const decades = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));

/** Verification: the DET curve, and FNMR at false match rates. */
export function verificationSection({ all }: PerformanceReport): string {
  const rows = all.fnmrAtFmr.map(({ fmr, threshold, fnmr, fmrSupport }) => [
    power(fmr),
    Number.isFinite(fnmr.rate) ? threshold.toFixed(4) : '–',
    Number.isFinite(fnmr.rate)
      ? `${rateCell(fnmr)}`
      : '– <span class="badge">too few impostor pairs</span>',
    `${count(fnmr.errors)} of ${count(fnmr.trials)}`,
    fmrSupport === 'supported' ? '' : '<span class="badge">fewer than 30 false matches</span>',
  ]);
  return `<section><h2>Verification</h2>
<p>Is this the person? The lower the line, the fewer genuine pairs are rejected.</p>
${detPlot([{ name: 'all', points: detPoints(all) }], 'Detection error trade-off of all pairs')}
${table(['FMR', 'threshold', 'FNMR', 'errors', ''], rows, { caption: 'FNMR at the thresholds of three false match rates, with 95 % intervals' })}
</section>`;
}

/** Open-set identification by the size of the gallery. */
export function identificationSection({ all }: PerformanceReport): string {
  const { identification } = all;
  if (identification.length === 0) return '';
  const rows = identification.map(({ size, threshold, fpir, fnir }) => [
    count(size),
    threshold.toFixed(4),
    rateCell(fpir),
    rateCell(fnir),
  ]);
  return `<section><h2>Identification</h2>
<p>Who is it? One photo of each person is enrolled. The threshold is the one that the library chooses for the size of the gallery.</p>
${table(['enrolled', 'threshold', 'FPIR', 'FNIR'], rows, { caption: 'With the range of 95 % of 50 random galleries' })}
${sizePlot(identification)}
</section>`;
}

function sizePlot(identification: GroupPerformance['identification']): string {
  const sizes = identification.map(({ size }) => size);
  if (sizes.length < 2) return '';
  const line = (name: string, kind: 'fpir' | 'fnir'): PlotLine => ({
    name,
    points: identification.map((each) => ({ x: each.size, y: each[kind].rate, ...pick(each[kind]) })),
  });
  const lines = [line('FPIR', 'fpir'), line('FNIR', 'fnir')];
  const top = Math.max(...lines.flatMap(({ points }) => points.map(({ y, high }) => Math.max(y, high ?? 0)))) * 1.1 || 1;
  return plotSvg({
    x: { label: 'people enrolled', from: sizes[0] as number, to: sizes.at(-1) as number, ticks: sizes, format: count, logarithmic: true },
    y: linear('error rate', 0, top),
    lines,
    dots: true,
    description: 'FPIR and FNIR by the number of people enrolled',
  });
}

/** The stated probabilities beside the observed shares. */
export function calibrationSection({ all }: PerformanceReport): string {
  return `<section><h2>Calibration</h2>
<p>Of the pairs that the library calls the same person with a probability of 80 %, 80 in 100 should be. On the diagonal, stated and observed agree. Expected calibration error: <strong>${percent(all.reliability.error)}</strong>, at even prior.</p>
${calibrationPlot([{ name: 'all', points: reliabilityPoints(all) }])}
</section>`;
}

/** All figures by cohort, with the worst-to-best ratios. */
export function cohortsSection(report: PerformanceReport): string {
  const { cohorts, far } = report;
  if (cohorts.size === 0) {
    return `<section><h2>Cohorts</h2><p class="warning">No cohorts were given, so this report cannot show whether error rates differ between groups of people. State the group of each person in a cohorts file, with their consent.</p></section>`;
  }
  const lines = (points: (group: GroupPerformance) => PlotLine['points']) =>
    [...cohorts].map(([name, group]): PlotLine => ({ name, points: points(group) }));
  return `<section><h2>Cohorts</h2>
<p>Error rates among the pairs of each cohort, all at the default threshold (stated FMR ${power(far)}). The ratio divides the largest rate by the smallest: 1 means no difference.</p>
${cohortTable(report)}
${detPlot(lines(detPoints), 'Detection error trade-off of each cohort')}
${cohortFnmrTable(report)}
${cohortIdentificationTable(report)}
<h3>Calibration by cohort</h3>
${calibrationPlot(lines(reliabilityPoints))}
</section>`;
}

function cohortTable({ cohorts, ratios }: PerformanceReport): string {
  const rows = [...cohorts].map(([name, { verification, reliability }]) => [
    escapeHtml(name),
    `${count(verification.people)}<small>${count(verification.faces)} photos</small>`,
    rateCell(verification.fmr),
    rateCell(verification.fnmr),
    percent(reliability.error),
  ]);
  rows.push(['<strong>worst to best</strong>', '', ratioCell(ratios.fmr), ratioCell(ratios.fnmr), '']);
  return table(['cohort', 'people', 'FMR', 'FNMR', 'calibration error'], rows);
}

function cohortFnmrTable({ cohorts, all }: PerformanceReport): string {
  const head = ['cohort', ...all.fnmrAtFmr.map(({ fmr }) => `FNMR at FMR ${power(fmr)}`)];
  const rows = [...cohorts].map(([name, { fnmrAtFmr }]) => [
    escapeHtml(name),
    ...fnmrAtFmr.map(({ fnmr }) =>
      Number.isFinite(fnmr.rate) ? rateCell(fnmr) : '– <span class="badge">too few impostor pairs</span>',
    ),
  ]);
  return table(head, rows, { caption: 'At the threshold that has the rate among the impostor pairs of the cohort' });
}

function cohortIdentificationTable({ cohorts, identificationRatios }: PerformanceReport): string {
  const sizes = [...new Set([...cohorts.values()].flatMap(({ identification }) => identification.map(({ size }) => size)))];
  if (sizes.length === 0) return '';
  const cells = (of: (size: number, kind: 'fpir' | 'fnir') => string) =>
    sizes.flatMap((size) => [of(size, 'fpir'), of(size, 'fnir')]);
  const rows = [...cohorts].map(([name, { identification }]) => [
    escapeHtml(name),
    ...cells((size, kind) => rateCell(identification.find((each) => each.size === size)?.[kind])),
  ]);
  rows.push([
    '<strong>worst to best</strong>',
    ...cells((size, kind) => ratioCell(identificationRatios.find((each) => each.size === size)?.[kind])),
  ]);
  const head = ['cohort', ...sizes.flatMap((size) => [`FPIR of ${count(size)}`, `FNIR of ${count(size)}`])];
  return table(head, rows, { caption: 'Identification in galleries of the cohort alone, by the number of people enrolled' });
}

/** FNMR by quality, and the clearest failures. */
export function qualitySection({ quality, failures, threshold }: PerformanceReport): string {
  const groups = quality.map(({ from, to, fnmr }) => [
    `${from.toFixed(2)} to ${to.toFixed(2)}`,
    count(fnmr.trials),
    count(fnmr.errors),
    `${percent(fnmr.rate)} ${badge(fnmr)}`,
  ]);
  const cases = failures.map(({ kind, photos, distance, quality: lower }) => [
    kind === 'false-match' ? 'false match' : 'false non-match',
    photos.map((photo) => escapeHtml(photo)).join('<br>'),
    distance.toFixed(3),
    lower === undefined ? '–' : lower.toFixed(2),
  ]);
  return `<section><h2>Failures and quality</h2>
${groups.length > 0 ? table(['quality of the poorer photo', 'genuine pairs', 'errors', 'FNMR'], groups, { caption: 'FNMR by quality, in groups of equal size' }) : ''}
${cases.length > 0 ? table(['failure', 'photos', 'distance', 'quality'], cases, { caption: `The clearest failures at the threshold ${threshold.toFixed(4)}. Look at them: some may be wrong labels.`, text: [1] }) : '<p>No pair was judged wrongly.</p>'}
</section>`;
}

function detPoints({ det }: GroupPerformance): PlotLine['points'] {
  return det.map(({ fmr, fnmr }) => ({ x: fmr, y: fnmr }));
}

function reliabilityPoints({ reliability }: GroupPerformance): PlotLine['points'] {
  return reliability.bins.map(({ stated, observed }) => ({ x: stated, y: observed }));
}

function detPlot(lines: readonly PlotLine[], description: string): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return '';
  const lowest = (values: number[]) => Math.max(-6, Math.floor(Math.log10(Math.min(...values.filter((value) => value > 0)))));
  const fromX = lowest(points.map(({ x }) => x));
  const fromY = Math.min(-2, lowest([1, ...points.map(({ y }) => y)]));
  const axis = (label: string, from: number): PlotAxis => ({
    ...{ label, from: 10 ** from, to: 1, ticks: decades(from, 0), format: axisPower, logarithmic: true },
  });
  return plotSvg({ x: axis('FMR', fromX), y: axis('FNMR', fromY), lines, description });
}

function axisPower(value: number): string {
  return value === 1 ? '1' : power(value);
}

function calibrationPlot(lines: readonly PlotLine[]): string {
  const options = { x: linear('stated probability', 0, 1), y: linear('observed share', 0, 1), lines };
  return plotSvg({ ...options, dots: true, diagonal: true, description: 'Observed share of genuine pairs by stated probability' });
}

function linear(label: string, from: number, to: number): PlotAxis {
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((each) => (to - from) / each <= 6) ?? 1;
  const ticks = Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) => from + i * step);
  return { label, from, to, ticks, format: percent };
}

function pick({ low, high }: { low: number; high: number }) {
  return { low, high };
}
