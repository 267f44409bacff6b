import type { GroupPerformance } from './group-performance.ts';
import { worstToBest } from './measured-rate.ts';
import type { PerformanceReport } from './report.ts';
import { calibrationPlot, detLine, detPlot, reliabilityLine, sizePlot } from './report-charts.ts';
import { badge, count, pairBadge, percent, power, rateCell, ratioCell, table, warning } from './report-format.ts';
import { escapeHtml, type PlotLine } from './report-plots.ts';
import { withoutCohortText } from './report-warnings.ts';
import type { FnmrAtFmr, VerificationErrors } from './verification-errors.ts';

/** Verification: the verdicts at the default threshold; by distance, the DET curve and FNMR at false match rates. */
export function verificationSection(report: PerformanceReport): string {
  const { all, far } = report;
  const { fmr: matched, fnmr: missed } = all.verification;
  const verdicts = [[power(far), rateCell(matched), rateCell(missed), ...refusedCells(all.verification)]];
  const rows = all.fnmrAtFmr.map(({ fmr, threshold, fnmr, fmrSupport }) => [
    `${power(fmr)} ${fmrBadge(fmrSupport)}`,
    Number.isFinite(fnmr.rate) ? threshold.toFixed(4) : '–',
    Number.isFinite(fnmr.rate) ? rateCell(fnmr) : `– ${warning('too few impostor pairs')}`,
    `${count(fnmr.errors)} of ${count(fnmr.trials)}`,
  ]);
  return `<section><h2>Verification</h2>
<p>Is this the person? ${basisText(report)}</p>
${table(['stated FMR', 'FMR', 'FNMR', 'refused genuine pairs', 'refused impostor pairs'], verdicts, { caption: 'The verdicts of the library at the default threshold, with 95 % intervals. Refused pairs do not match' })}
<h3>By distance alone</h3>
<p>This curve and this table use one threshold for photos of any quality. They show how well distances separate people, not what the library decides. The lower the line, the fewer genuine pairs are rejected. It is dashed where fewer than 30 errors of a kind were observed.</p>
${detPlot([detLine('all', all)], 'Detection error trade-off of all pairs by distance')}
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
<p>Who is it? One photo of each person is enrolled. The threshold is the one that the library chooses for the size of the gallery; ${all.verification.rated > 0 ? 'it is that of photos of unknown quality, and those of known quality have thresholds of their own, as in the library' : 'it is the same for photos of any quality'}.</p>
${table(['enrolled', 'threshold', 'FPIR', 'FNIR'], rows, { caption: 'With the range of 95 % of 50 random galleries' })}
${sizePlot(identification)}
</section>`;
}

/** What the verdicts of the report are based on. */
export function basisText({ judgesQuality, photos, all }: PerformanceReport): string {
  const { rated } = all.verification;
  if (!judgesQuality) return 'Pairs are judged by distance alone: the model has no calibration by quality.';
  if (rated === 0) return 'Pairs are judged by distance alone: the quality of the photos is not known.';
  const text =
    'Pairs are judged as the library does: the threshold and the probability follow the quality of both photos, and two photos that are too poor are not compared.';
  if (rated === photos) return text;
  return `${text} The quality of ${count(photos - rated)} of ${count(photos)} photos is not known; their pairs are judged by distance alone.`;
}

/** The refused shares of genuine and of impostor pairs; dashes if no photo has a known quality. */
function refusedCells({ refused, rated }: VerificationErrors): [string, string] {
  if (rated === 0) return ['–', '–'];
  return [rateCell(refused.genuine, 'refusals'), rateCell(refused.impostors, 'refusals')];
}

function fmrBadge(support: FnmrAtFmr['fmrSupport']): string {
  return support === 'supported' ? '' : warning('fewer than 30 false matches');
}

/** The stated probabilities beside the observed shares. */
export function calibrationSection({ all }: PerformanceReport): string {
  const { error, support } = all.reliability;
  return `<section><h2>Calibration</h2>
<p>Of the pairs that the library calls the same person with a probability of 80 %, 80 in 100 should be. On the diagonal, stated and observed agree; the bars are 95 % intervals. Expected calibration error: <strong>${percent(error)}</strong> ${pairBadge(support)}, at even prior.</p>
${calibrationPlot([reliabilityLine('all', all)])}
</section>`;
}

/** All figures by cohort, with the worst-to-best ratios. */
export function cohortsSection(report: PerformanceReport): string {
  const { cohorts, far } = report;
  if (cohorts.size === 0) {
    return `<section><h2>Cohorts</h2><p class="warning">None of these photos has a cohort, so this report cannot show whether error rates differ between groups of people. State the group of each person in a cohorts file, with their consent.</p></section>`;
  }
  const lines = (line: (name: string, group: GroupPerformance) => PlotLine) =>
    [...cohorts].map(([name, group]) => line(name, group));
  return `<section><h2>Cohorts</h2>
<p>Error rates among the pairs of each cohort, all judged as above (stated FMR ${power(far)}). The ratio divides the largest rate by the smallest: 1 means no difference.</p>
${withoutCohortText(report.withoutCohort)}${cohortTable(report)}
${cohortRefusalTable(report)}
<h3>By distance alone</h3>
${detPlot(lines(detLine), 'Detection error trade-off of each cohort by distance')}
${cohortFnmrTable(report)}
<h3>Identification by cohort</h3>
${cohortIdentificationTable(report)}
<h3>Calibration by cohort</h3>
${calibrationPlot(lines(reliabilityLine))}
</section>`;
}

function cohortTable({ cohorts, ratios }: PerformanceReport): string {
  const rows = [...cohorts].map(([name, { verification }]) => [
    escapeHtml(name),
    `${count(verification.people)}<small>${count(verification.faces)} photos</small>`,
    rateCell(verification.fmr),
    rateCell(verification.fnmr),
  ]);
  rows.push([worstToBestHead, '', ratioCell(ratios.fmr), ratioCell(ratios.fnmr)]);
  return table(['cohort', 'people', 'FMR', 'FNMR'], rows);
}

/** The shares of refused pairs and the calibration errors. */
function cohortRefusalTable({ cohorts, ratios }: PerformanceReport): string {
  const rows = [...cohorts].map(([name, { verification, reliability }]) => [
    escapeHtml(name),
    ...refusedCells(verification),
    `${percent(reliability.error)} ${pairBadge(reliability.support)}`,
  ]);
  const isRated = [...cohorts.values()].some(({ verification }) => verification.rated > 0);
  const refused = isRated ? [ratioCell(ratios.refused.genuine), ratioCell(ratios.refused.impostors)] : ['–', '–'];
  rows.push([worstToBestHead, ...refused, ratioCell(ratios.calibration)]);
  return table(['cohort', 'refused genuine pairs', 'refused impostor pairs', 'calibration error'], rows, {
    caption: 'Pairs that are refused because both photos are too poor, and the error of the stated probabilities',
  });
}

const worstToBestHead = '<strong>worst to best</strong>';

function cohortFnmrTable({ cohorts, all }: PerformanceReport): string {
  const head = ['cohort', ...all.fnmrAtFmr.map(({ fmr }) => `FNMR at FMR ${power(fmr)}`)];
  const rows = [...cohorts].map(([name, { fnmrAtFmr }]) => [
    escapeHtml(name),
    ...fnmrAtFmr.map(({ fnmr, fmrSupport }) =>
      Number.isFinite(fnmr.rate)
        ? `${rateCell(fnmr)}${fmrBadge(fmrSupport)}`
        : `– ${warning('too few impostor pairs')}`,
    ),
  ]);
  const ratios = all.fnmrAtFmr.map((_, i) => {
    const rates = [...cohorts].map(([name, { fnmrAtFmr }]) => {
      const { fnmr, fmrSupport } = fnmrAtFmr[i] as FnmrAtFmr;
      return [name, { rate: fnmr.rate, support: fmrSupport === 'supported' ? fnmr.support : fmrSupport }] as const;
    });
    return ratioCell(rates.every(([, { rate }]) => Number.isFinite(rate)) ? worstToBest(new Map(rates)) : undefined);
  });
  rows.push([worstToBestHead, ...ratios]);
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
    return [...own, [worstToBestHead, count(size), ratioCell(ratio?.fpir), ratioCell(ratio?.fnir)]];
  });
  return table(['cohort', 'enrolled', 'FPIR', 'FNIR'], rows, {
    caption: 'Identification in galleries of the cohort alone',
  });
}

/** FNMR by quality, and the clearest failures. */
export function qualitySection({ quality, failures }: PerformanceReport): string {
  const groups = quality.map(({ from, to, fnmr }) => [
    `${from.toFixed(2)} to ${to.toFixed(2)}`,
    count(fnmr.trials),
    count(fnmr.errors),
    `${percent(fnmr.rate)} ${badge(fnmr)}`,
  ]);
  const cases = failures.map(({ kind, photos, distance, threshold, reason, quality: lower }) => [
    `${kind === 'false-match' ? 'false match' : 'false non-match'}${reason ? '<small>refused: both photos are too poor</small>' : ''}`,
    photos.map((photo) => escapeHtml(shortName(photo))).join('<br>'),
    distance.toFixed(3),
    threshold.toFixed(3),
    lower === undefined ? '–' : lower.toFixed(2),
  ]);
  return `<section><h2>Failures and quality</h2>
${groups.length > 0 ? table(['quality of the poorer photo', 'genuine pairs', 'errors', 'FNMR'], groups, { caption: 'FNMR by quality, in groups of equal size' }) : ''}
${cases.length > 0 ? table(['failure', 'photos', 'distance', 'threshold', 'quality'], cases, { caption: 'The clearest failures, each with the threshold of its pair. Look at them: some may be wrong labels', text: [1] }) : '<p>No pair was judged wrongly.</p>'}
</section>`;
}

/** The name of a photo without its folder, if it begins with the folder's name. */
function shortName(photo: string): string {
  const [folder = '', file = ''] = photo.split('/');
  return file.startsWith(folder) ? file : photo;
}
