import { facenetState } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { Chart, type ChartSeries } from './Chart.tsx';
import { densities, type MeasuredPreset, measuredPresets, probabilityOfSame, rocOf, valWithin } from './curves.ts';
import { DataTable } from './DataTable.tsx';
import { count, percent, rate } from './format.ts';
import { en, ko } from './messages.ts';

/** The default preset, which the page has loaded. */
const [[loadedName, loaded]] = measuredPresets as [[string, MeasuredPreset]];

const looks: Pick<ChartSeries, 'tone' | 'dash'>[] = [
  { tone: 'accent' },
  { tone: 'ink', dash: [8, 5] },
  { tone: 'muted', dash: [2, 4] },
];

/** What the shipped calibration means: its thresholds, its probabilities, and the curves that were measured. */
export function Calibration() {
  return (
    <>
      <Roc />
      <Distances />
      <Figures />
      <Thresholds />
      <Source />
    </>
  );
}

/** VAL over FAR of every preset; a ROC whose axis is stretched where it matters. */
export function Roc({ own }: { own?: ChartSeries }) {
  const t = localized({ en, ko });
  const series: ChartSeries[] = measuredPresets.map(([label, preset], i) => ({
    label,
    points: rocOf(preset).map(({ far, val }) => [far, val] as const),
    ...(looks[i] as (typeof looks)[number]),
  }));
  const rates = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
  return (
    <Chart
      title={t.roc}
      x={{ label: t.farAxis, log: true, range: [1e-5, 1], format: rate }}
      y={{ label: t.valAxis, range: [0.5, 1.005], format: (share) => percent(share, 0) }}
      series={own ? [...series, own] : series}
      marks={[{ x: 1e-3, label: t.defaultFar, end: 'bottom' }]}
      table={{
        caption: t.roc,
        heads: [t.farAxis, ...measuredPresets.map(([name]) => name)],
        rows: rates.map((far) => [rate(far), ...measuredPresets.map(([, preset]) => percent(valAtFar(preset, far)))]),
      }}
    >
      <p class="small muted">{t.rocText}</p>
    </Chart>
  );
}

/** VAL at a false-accept rate, from the measured curve; over the logarithm of the rate the curve is nearly straight. */
function valAtFar(preset: MeasuredPreset, far: number): number {
  const roc = rocOf(preset);
  const after = roc.findIndex((point) => point.far >= far);
  const [a, b] = [roc[after - 1], roc[after]];
  if (!a || !b) return Number.NaN;
  const share = Math.log(far / a.far) / Math.log(b.far / a.far);
  return a.val + share * (b.val - a.val);
}

/** The thresholds that `compare` takes, as the loaded FaceNet has them. */
function Thresholds() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  if (state.status !== 'ready') return <p class="muted">{t.waitingForNetworks}</p>;
  const { calibration } = state.facenet.rule;
  return (
    <section class="thresholds">
      <h3>{t.thresholds}</h3>
      <p class="small muted">{t.thresholdsText}</p>
      <DataTable
        open
        caption={t.thresholds}
        heads={[t.farAxis, t.distance, t.valAxis, t.probability]}
        rows={calibration.thresholds.map(({ far, distance }) => [
          rate(far),
          formatNumber(distance, 3),
          percent(valWithin(distance, loaded)),
          percent(probabilityOfSame(distance, calibration.logOdds)),
        ])}
      />
    </section>
  );
}

/** How distances of one person and of two lie, with the probability that the calibration tells. */
function Distances() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  const steps = densities(loaded);
  const most = Math.max(...steps.flatMap(({ same, different }) => [same, different]));
  const shared = state.status === 'ready' ? state.facenet.rule.calibration : undefined;
  const threshold = shared?.thresholds.find(({ far }) => far === 1e-3)?.distance;
  const series: ChartSeries[] = [
    { label: t.samePeople, tone: 'accent', fill: true, points: steps.map((s) => [s.distance, s.same / most] as const) },
    {
      label: t.strangers,
      tone: 'ink',
      dash: [8, 5],
      fill: true,
      points: steps.map((s) => [s.distance, s.different / most] as const),
    },
  ];
  if (shared) {
    series.push({
      label: t.probability,
      tone: 'danger',
      dash: [2, 4],
      points: steps.map(({ distance }) => [distance, probabilityOfSame(distance, shared.logOdds)] as const),
    });
  }
  const [first, last] = [steps[0]?.distance ?? 0, steps.at(-1)?.distance ?? 1];
  return (
    <Chart
      title={t.distances}
      x={{ label: t.distance, range: [first, last], format: (distance) => formatNumber(distance, 2) }}
      y={{ label: t.share, range: [0, 1.02], format: (share) => percent(share, 0) }}
      series={series}
      marks={
        threshold === undefined ? [] : [{ x: threshold, label: t.threshold(formatNumber(threshold, 3)), end: 'top' }]
      }
      table={{
        caption: t.distances,
        heads: [t.distance, t.samePeople, t.strangers, ...(shared ? [t.probability] : [])],
        rows: loaded.curve
          .filter((_, i) => i % 4 === 0)
          .map(([distance, val, far]) => [
            formatNumber(distance, 2),
            percent(val),
            percent(far, 2),
            ...(shared ? [percent(probabilityOfSame(distance, shared.logOdds))] : []),
          ]),
      }}
    >
      <p class="small muted">{t.distancesText}</p>
    </Chart>
  );
}

function Figures() {
  const t = localized({ en, ko });
  return (
    <section class="figures">
      <h3>{t.figures}</h3>
      <MeasuredTable rows={[]} />
    </section>
  );
}

/** The figures of the presets, with rows of somebody's own above them. */
export function MeasuredTable({ rows }: { rows: readonly (readonly string[])[] }) {
  const t = localized({ en, ko });
  return (
    <DataTable
      open
      caption={t.figures}
      heads={[t.preset, t.accuracy, ...['1e-1', '1e-2', '1e-3'].map((far) => t.valAt(rate(Number(far)))), 'AUC', 'EER']}
      rows={[
        ...rows,
        ...measuredPresets.map(([name, { accuracy, val, auc, eer }]) => [
          name,
          `${percent(accuracy.mean, 2)} ± ${formatNumber(accuracy.se * 100, 2)}`,
          percent(val['1e-1']),
          percent(val['1e-2']),
          percent(val['1e-3']),
          percent(auc, 2),
          percent(eer, 2),
        ]),
      ]}
    />
  );
}

function Source() {
  const t = localized({ en, ko });
  const { pairs, images, counted, ece } = loaded;
  return (
    <p class="small muted source">
      {t.source(count(pairs), count(images), count(counted.different), percent(ece, 2))}{' '}
      <code>npm run evaluate -- --data DIR --preset {loadedName} --curves</code>
    </p>
  );
}
