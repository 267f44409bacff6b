import { checkedNames } from '../core/checked-options.ts';
import type { MeasuredRate } from './measured-rate.ts';
import type { PerformanceReport } from './report.ts';
import { badge, count, interval, percent, power, table } from './report-format.ts';
import { escapeHtml } from './report-plots.ts';
import {
  basisText,
  calibrationSection,
  cohortsSection,
  identificationSection,
  qualitySection,
  verificationSection,
} from './report-sections.ts';
import { reportStyle } from './report-style.ts';
import { shortfallText, unreadableText } from './report-warnings.ts';

/** What {@link reportPage} states beside the figures. */
export interface ReportPageOptions {
  /** The title, for example the name of the data set. */
  title: string;
  /** When the figures were measured. @default new Date() */
  date?: Date;
  /** The version of facenet-web and the preset, for example. @default '' */
  system?: string;
  /** Sentences about the data: who is in the photos, and where they come from. @default [] */
  notes?: readonly string[];
  /**
   * The number of photos in which no face was found. They are left out of all figures (failure to acquire). Default: not
   * stated.
   */
  notFound?: number;
  /** The names of the photos that could not be read. They are left out of all figures, and do not count in `notFound`. @default [] */
  unreadable?: readonly string[];
}

/**
 * A report as one HTML page, a model card. It has no script and requests nothing, shows no photo, and follows the reader's
 * light or dark colour scheme. It lists the names of the photos of failures.
 *
 * @param report the result of {@link performanceReport}.
 * @param options the title and what else the page states.
 * @returns HTML in UTF-8, for a file of its own.
 * @throws {FaceNetError} `option-invalid` for an unknown option.
 *
 * @example
 * const labelled = faces.map(({ embedding, quality }, i) => ({ person: people[i], embedding, quality }));
 * const galleryThreshold = (count: number) => operatingPoint(count, facenet.rule.calibration, {}).threshold;
 * const report = await performanceReport(labelled, facenet.rule, { galleryThreshold });
 * const html = reportPage(report, { title: 'Staff photos', notes: ['60 employees, two photos each.'] });
 */
export function reportPage(report: PerformanceReport, options: ReportPageOptions): string {
  const {
    title,
    date = new Date(),
    system = '',
    notes = [],
  } = checkedNames(options, {
    ...{ title: true, date: true, system: true, notes: true, notFound: true, unreadable: true },
  });
  const sections = [
    verificationSection(report),
    identificationSection(report),
    calibrationSection(report),
    cohortsSection(report),
    qualitySection(report),
    methodSection(report),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="lead">Face recognition performance of <strong>${escapeHtml(report.model)}</strong>${system && `, ${escapeHtml(system)}`}. Measured on ${date.toISOString().slice(0, 10)}.</p>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
</header>
${summary(report, options)}
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function summary(report: PerformanceReport, { notFound, unreadable = [] }: ReportPageOptions): string {
  const { people, photos, peopleWithPairs, genuine, impostors, all, far } = report;
  const { fmr, fnmr, refused, rated } = all.verification;
  const facts = [
    ['People', count(people), `${count(peopleWithPairs)} with several photos`],
    ['Photos', count(photos), notFound === undefined ? '' : `no face found in ${count(notFound)} others`],
    ['Genuine pairs', count(genuine), 'two photos of one person'],
    ['Impostor pairs', count(impostors), 'photos of two people'],
    [`FNMR at the default threshold`, percent(fnmr.rate), intervalText(fnmr)],
    [`FMR there (stated: ${power(far)})`, percent(fmr.rate), intervalText(fmr)],
    rated > 0 && ['Refused genuine pairs', percent(refused.genuine.rate), 'both photos are too poor to be compared'],
  ];
  const items = facts
    .filter((fact) => fact !== false)
    .map(([name, value, detail]) => `<div><dt>${name}</dt><dd>${value}<small>${detail}</small></dd></div>`);
  return `<dl class="facts">${items.join('')}</dl>${unreadableText(unreadable)}${shortfallText(all.verification)}`;
}

function intervalText(rate: MeasuredRate): string {
  return `${interval(rate)} ${badge(rate)}`.trim();
}

function methodSection(report: PerformanceReport): string {
  const { far } = report;
  const terms = [
    ['FMR', 'false match rate: the share of impostor pairs that match'],
    ['FNMR', 'false non-match rate: the share of genuine pairs that do not match'],
    [
      'FPIR',
      'false-positive identification rate: the share of searches for people who are not enrolled that match somebody',
    ],
    ['FNIR', 'false-negative identification rate: the share of searches for enrolled people that do not return them'],
    ['DET', 'detection error trade-off: FNMR against FMR'],
  ].map(([name, meaning]) => [`<strong>${name}</strong>`, meaning as string]);
  return `<section><h2>How it was measured</h2>
${table(['term', 'meaning'], terms, { text: [1] })}
<p>The terms are those of ISO/IEC 19795-1, and of ISO/IEC 19795-10 for the comparison of cohorts. All pairs of photos are compared. Intervals of verification are 95 % intervals by a bootstrap over people, so that pairs that share a person are not treated as independent. Intervals of identification are the range of 95 % of 50 random galleries.</p>
<p>“Default threshold” is the calibrated one of a stated false-accept rate of ${power(far)}. Galleries use the threshold that the library chooses for their size. ${basisText(report)} The DET curves, and FNMR at a false match rate of the photos themselves, are by distance alone: they have one threshold for all pairs.</p>
<p>“Few errors” marks figures with fewer than 30 errors (“few refusals”: refused pairs): by the rule of 30, only 30 errors show a rate to within 30 % with 90 % confidence. “No errors” states the largest rate that N independent trials without an error allow at 95 % confidence (rule of 3). “Few pairs” marks calibration errors of fewer than 30 genuine or impostor pairs per range of probabilities, on average. Pairs are not independent, so the true uncertainty is larger. A ratio is “not supported” if the figure of any cohort is marked or missing.</p>
<p>A figure describes these photos. It says nothing about people, cameras and lighting that are not in them.</p>
</section>`;
}
