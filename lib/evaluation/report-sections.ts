import { type MeasuredRate, worstToBest } from './measured-rate.ts';
import type { GroupPerformance, PerformanceReport } from './report.ts';
import { calibrationPlot, detPlot, detPoints, reliabilityPoints, sizePlot } from './report-charts.ts';
import { badge, count, percent, power, rateCell, ratioCell, table } from './report-format.ts';
import { escapeHtml, type PlotLine } from './report-plots.ts';

/** Verification: the DET curve, and FNMR at false match rates. */
export function verificationSection({ all }: PerformanceReport): string {
  const rows = all.fnmrAtFmr.map(({ fmr, threshold, fnmr, fmrSupport }) => [
    `${power(fmr)}${fmrSupport === 'supported' ? '' : ' <span class="badge">fewer than 30 false matches</span>'}`,
    Number.isFinite(fnmr.rate) ? threshold.toFixed(4) : '–',
    Number.isFinite(fnmr.rate) ? rateCell(fnmr) : '– <span class="badge">too few impostor pairs</span>',
    `${count(fnmr.errors)} of ${count(fnmr.trials)}`,
  ]);
  return `<section><h2>Verification</h2>
<p>Is this the person? The lower the line, the fewer genuine pairs are rejected.</p>
${detPlot([{ name: 'all', points: detPoints(all) }], 'Detection error trade-off of all pairs')}
${table(['FMR', 'threshold', 'FNMR', 'errors'], rows, { caption: 'FNMR at the thresholds of three false match rates, with 95 % intervals' })}
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

/** The stated probabilities beside the observed shares. */
export function calibrationSection({ all }: PerformanceReport): string {
  return `<section><h2>Calibration</h2>
<p>Of the pairs that the library calls the same person with a probability of 80 %, 80 in 100 should be. On the diagonal, stated and observed agree; the bars are 95 % intervals. Expected calibration error: <strong>${percent(all.reliability.error)}</strong>, at even prior.</p>
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
  const ratios = all.fnmrAtFmr.map((_, i) => {
    const rates = [...cohorts].map(([name, { fnmrAtFmr }]) => [name, fnmrAtFmr[i]?.fnmr as MeasuredRate] as const);
    return ratioCell(rates.every(([, { rate }]) => Number.isFinite(rate)) ? worstToBest(new Map(rates)) : undefined);
  });
  rows.push(['<strong>worst to best</strong>', ...ratios]);
  return table(head, rows, { caption: 'At the threshold that has the rate among the impostor pairs of the cohort' });
}

function cohortIdentificationTable({ cohorts, identificationRatios }: PerformanceReport): string {
  const sizes = [
    ...new Set([...cohorts.values()].flatMap(({ identification }) => identification.map(({ size }) => size))),
  ];
  if (sizes.length === 0) return '';
  const rows = sizes.flatMap((size) => {
    const own = [...cohorts].map(([name, { identification }]) => {
      const found = identification.find((each) => each.size === size);
      return [escapeHtml(name), count(size), rateCell(found?.fpir), rateCell(found?.fnir)];
    });
    const ratio = identificationRatios.find((each) => each.size === size);
    return [...own, ['<strong>worst to best</strong>', count(size), ratioCell(ratio?.fpir), ratioCell(ratio?.fnir)]];
  });
  return table(['cohort', 'enrolled', 'FPIR', 'FNIR'], rows, {
    caption: 'Identification in galleries of the cohort alone',
  });
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
    photos.map((photo) => escapeHtml(shortName(photo))).join('<br>'),
    distance.toFixed(3),
    lower === undefined ? '–' : lower.toFixed(2),
  ]);
  return `<section><h2>Failures and quality</h2>
${groups.length > 0 ? table(['quality of the poorer photo', 'genuine pairs', 'errors', 'FNMR'], groups, { caption: 'FNMR by quality, in groups of equal size' }) : ''}
${cases.length > 0 ? table(['failure', 'photos', 'distance', 'quality'], cases, { caption: `The clearest failures at the threshold ${threshold.toFixed(4)}. Look at them: some may be wrong labels.`, text: [1] }) : '<p>No pair was judged wrongly.</p>'}
</section>`;
}

/** The name of a photo without its folder, if it begins with the folder's name. */
function shortName(photo: string): string {
  const [folder = '', file = ''] = photo.split('/');
  return file.startsWith(folder) ? file : photo;
}
