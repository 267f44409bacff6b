import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath } from '../kit/paths.ts';
import type { DegradedReport } from './degraded.ts';
import { intervalText, percentText } from './format.ts';
import type { GenuineRates } from './genuine.ts';
import { defaultPreset } from './options.ts';
import { type PeerReport, type PresetReport, peerName, type Report, type SystemFigures } from './report.ts';

/** A row of the tables: a system, and its number of images without a face. */
interface Row {
  name: string;
  figures: SystemFigures;
  undetected: string;
}

/** Writes the tables of README.md and docs/accuracy.md. */
export function writeDocuments(report: Report): void {
  const page = repositoryPath('docs/accuracy.md');
  writeSection(repositoryPath('README.md'), 'accuracy', readmeTable(report));
  writeSection(page, 'presets', presetsTable(report));
  writeSection(page, 'calibration', calibrationTable(report));
  writeSection(page, 'quality', qualityTable(report));
  writeSection(page, 'degraded', degradedTables(report));
  writeSection(page, 'mixed', mixedTable(report));
  writeSection(page, 'genuine', genuineTable(report));
  writeSection(page, 'left-out', leftOutTable(report));
  writeSection(repositoryPath('README.md'), 'poor-photos', poorPhotosText(report));
}

/** The table of README.md: presets with a detected face, and peers. */
export function readmeTable(report: Report): string {
  const presets = presetRows(report.presets.filter(isDetected));
  const own = presets.map((row) => ({ ...row, name: `facenet-web, ${row.name}` }));
  const rows = [...own, ...peerRows(report.peers)];
  return markdownTable(
    ['', 'accuracy on LFW, %', 'VAL at FAR 10⁻³, %', 'VAL at FAR 10⁻⁴, %', 'no face found'],
    rows.map(({ name, figures, undetected }) => [name, accuracyCell(figures), ...allPairsCells(figures), undetected]),
  );
}

/** The first table of docs/accuracy.md, and what it was measured on. */
export function presetsTable({ pairs, images, presets, peers }: Report): string {
  const impostors = presets[0]?.allPairs?.impostorPairs ?? 0;
  const count = (value: number) => value.toLocaleString('en');
  return [
    `${count(pairs)} pairs of ${count(images)} images, which form ${count(impostors)} impostor pairs.\n`,
    markdownTable(
      ['', 'accuracy', 'VAL at 10⁻³', 'VAL at 10⁻⁴', 'View 2: VAL at 10⁻³', 'AUC', 'EER', 'no face found'],
      [...presetRows(presets), ...peerRows(peers)].map(({ name, figures, undetected }) => [
        name,
        accuracyCell(figures),
        ...allPairsCells(figures),
        percentText(figures.val['1e-3'], 1),
        percentText(figures.auc),
        percentText(figures.eer),
        undetected,
      ]),
    ),
    `Accuracy at their own thresholds, on pairs with faces: ${peers.map(ownThresholdText).join(', ')}.\n`,
  ].join('\n');
}

/** The table of the calibration errors on held-out folds. */
export function calibrationTable({ presets }: Report): string {
  return markdownTable(
    ['', 'expected calibration error', 'realised FAR for 1 %', 'for 0.1 %'],
    presets
      .filter(isDetected)
      .map(({ name, ece, realisedFarAmongAll: all }) => [
        `\`${name}\``,
        percentText(ece),
        all ? intervalText(all['1e-2'], all['1e-2'].rate, 3) : '–',
        all ? intervalText(all['1e-3'], all['1e-3'].rate, 3) : '–',
      ]),
  );
}

/** The table of the figures without the pairs of lowest quality. */
export function qualityTable({ presets }: Report): string {
  return markdownTable(
    ['', 'accuracy', 'without the tenth', 'View 2: VAL at 10⁻³', 'without the tenth'],
    presets.filter(isDetected).flatMap(({ name, accuracy, val, withoutPoorest: rest }) => {
      if (!rest) return [];
      const accuracies = [accuracy, rest.accuracy].map(({ mean }) => percentText(mean));
      const [all, without] = [val, rest.val].map((each) => percentText(each['1e-3'], 1));
      return [[`\`${name}\``, ...accuracies, all as string, without as string]];
    }),
  );
}

/** What the default preset accepts of strangers in the worst kind of poor photos. */
export function poorPhotosText({ presets }: Report): string {
  const { degraded = [] } = presets.find((preset) => isDetected(preset) && preset.name === defaultPreset) ?? {};
  const kinds = degraded.filter(({ label }) => label !== 'none');
  const worst = (by: 'plain' | 'conditional') => Math.max(...kinds.map((row) => row[by].far['1e-3']));
  return [
    `Poor photos have a smaller threshold, which limits the rate: of ${kinds.length} kinds of`,
    `blurred, dark, tiny or covered faces, \`${defaultPreset}\` accepts at most ${percentText(worst('conditional'))} % of the strangers at a`,
    `stated 0.1 %. One threshold for all photos accepts up to ${percentText(worst('plain'), 0)} %`,
    '([table](docs/accuracy.md#poor-photos)).',
    '',
  ].join('\n');
}

/** A table for each preset: what both calibrations accept of pairs whose photos were degraded alike. */
export function degradedTables({ presets }: Report): string {
  return presets
    .filter(isDetected)
    .flatMap(({ name, degraded }) => (degraded ? [`\`${name}\`:\n\n${degradedTable(degraded)}`] : []))
    .join('\n');
}

/** The table of pairs whose photos have different defects. */
export function mixedTable({ presets }: Report): string {
  return markdownTable(
    ['', 'pairs of strangers', 'FAR for 1 %', 'by quality', 'FAR for 0.1 %', 'by quality'],
    presets
      .filter(isDetected)
      .flatMap(({ name, mixed = [] }) =>
        mixed.map(({ label, impostors, plain, conditional }) => [
          `\`${name}\`, ${label}`,
          impostors.toLocaleString('en'),
          ...(['1e-2', '1e-3'] as const).flatMap((far) => [percentText(plain[far]), percentText(conditional[far])]),
        ]),
      ),
  );
}

/** The table of what the calibration by quality costs unaltered photos. */
export function genuineTable({ presets }: Report): string {
  return markdownTable(
    ['', 'genuine pairs', 'VAL at 0.1 %', 'by quality', 'loss'],
    presets.filter(isDetected).flatMap(({ name, genuine }) => {
      if (!genuine) return [];
      const row = (which: string, { pairs, plain, conditional, loss }: GenuineRates) => [
        `\`${name}\`, ${which}`,
        pairs.toLocaleString('en'),
        percentText(plain),
        percentText(conditional),
        intervalText(loss, plain - conditional, 2),
      ];
      return [row('listed pairs', genuine.listed), row('all pairs', genuine.all)];
    }),
  );
}

function degradedTable(rows: readonly DegradedReport[]): string {
  const header = ['', 'FAR for 1 %', 'by quality', 'FAR for 0.1 %', 'by quality', 'VAL', 'by quality', 'refused'];
  return markdownTable(
    header,
    rows.map(({ label, heldOut, plain, conditional, intervals, refused }) => [
      heldOut ? `${label}, not fitted` : label,
      ...farCells({ plain, conditional, intervals }),
      ...[plain, conditional].map(({ val }) => percentText(val, 1)),
      percentText(refused, 1),
    ]),
  );
}

/** The table of the degradations that the calibration was not fitted to, one at a time. */
export function leftOutTable({ presets }: Report): string {
  const rows = presets.flatMap(({ leftOut }) => leftOut ?? []);
  return markdownTable(
    ['left out', 'FAR for 1 %', 'by quality', 'FAR for 0.1 %', 'by quality'],
    rows.map((row) => [row.label, ...farCells(row)]),
  );
}

/** The false-accept rates at 1 % and at 0.1 %: of the plain calibration, and of the one by quality with its interval. */
function farCells({
  plain,
  conditional,
  intervals,
}: Pick<DegradedReport, 'plain' | 'conditional' | 'intervals'>): string[] {
  return (['1e-2', '1e-3'] as const).flatMap((far) => [
    percentText(plain.far[far]),
    intervalText(intervals[far], conditional.far[far], 2),
  ]);
}

function isDetected({ protocol }: PresetReport): boolean {
  return protocol === 'detector';
}

function presetRows(presets: readonly PresetReport[]): Row[] {
  return presets.map((preset) => {
    const detected = isDetected(preset);
    const note = !detected ? ', fixed centre crop' : preset.name === defaultPreset ? ' (default)' : '';
    return {
      name: `\`${preset.name}\`${note}`,
      figures: preset,
      undetected: detected ? String(preset.undetected) : '–',
    };
  });
}

/** A peer has a second row if it found no face in some images: its figures without the pairs of these images. */
function peerRows(peers: readonly PeerReport[]): Row[] {
  return peers.flatMap((peer) => {
    const rows: Row[] = [{ name: peerName(peer), figures: peer, undetected: String(peer.undetected) }];
    if (peer.undetected > 0) {
      const name = `${peerName(peer)}, pairs with faces only`;
      rows.push({ name, figures: peer.withoutUndetected, undetected: '' });
    }
    return rows;
  });
}

function ownThresholdText(peer: PeerReport): string {
  return `${peerName(peer)} ${percentText(peer.ownThreshold, 1)} %`;
}

function accuracyCell({ accuracy: { mean, se } }: SystemFigures): string {
  return `${percentText(mean)} ± ${percentText(se)}`;
}

function allPairsCells({ allPairs }: SystemFigures): string[] {
  return (['1e-3', '1e-4'] as const).map((far) =>
    allPairs ? intervalText(allPairs.val[far], allPairs.val[far].val, 1) : '–',
  );
}
