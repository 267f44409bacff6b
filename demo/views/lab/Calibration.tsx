import type { Calibration as FittedCalibration } from 'facenet-web';
import { facenetState } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { AccuracyTable } from './AccuracyTable.tsx';
import { Chart } from './Chart.tsx';
import type { ChartSeries } from './chart-options.ts';
import { densities, type MeasuredPreset, measuredPresets, probabilityOfSame, valWithin } from './curves.ts';
import { DataTable } from './DataTable.tsx';
import { formatCount, formatPercent, formatRate } from './format.ts';
import { en, ko } from './messages.ts';
import { RocChart } from './RocChart.tsx';

/** The default preset, which the page loads. */
const [[, loaded]] = measuredPresets as [[string, MeasuredPreset]];

/** The measured curves, and the thresholds and probabilities of the calibration. */
export function Calibration() {
  const t = localized({ en, ko });
  return (
    <>
      <RocChart />
      <DistanceChart />
      <section class="figures">
        <h3>{t.figures}</h3>
        <AccuracyTable />
      </section>
      <Thresholds />
      <Source />
    </>
  );
}

/** The thresholds that `compare` uses, from the loaded FaceNet. */
function Thresholds() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  if (state.status !== 'ready') return <p class="muted">{t.waitingForModels}</p>;
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
          formatRate(far),
          formatNumber(distance, 3),
          formatPercent(valWithin(distance, loaded)),
          formatPercent(probabilityOfSame(distance, calibration.logOdds)),
        ])}
      />
    </section>
  );
}

/** The distributions of same-person and different-person distances, with the calibrated probability. */
function DistanceChart() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  const steps = densities(loaded);
  const calibration = state.status === 'ready' ? state.facenet.rule.calibration : undefined;
  const threshold = calibration?.thresholds.find(({ far }) => far === 1e-3)?.distance;
  const [first, last] = [steps[0]?.distance ?? 0, steps.at(-1)?.distance ?? 1];
  return (
    <Chart
      title={t.distances}
      x={{ label: t.distance, range: [first, last], format: (distance) => formatNumber(distance, 2) }}
      y={{ label: t.share, range: [0, 1.02], format: (share) => formatPercent(share, 0) }}
      series={distanceSeries(steps, calibration)}
      marks={
        threshold === undefined ? [] : [{ x: threshold, label: t.threshold(formatNumber(threshold, 3)), end: 'top' }]
      }
      table={{
        caption: t.distances,
        heads: [t.distance, t.samePeople, t.strangers, ...(calibration ? [t.probability] : [])],
        rows: loaded.curve
          .filter((_, i) => i % 4 === 0)
          .map(([distance, val, far]) => [
            formatNumber(distance, 2),
            formatPercent(val),
            formatPercent(far, 2),
            ...(calibration ? [formatPercent(probabilityOfSame(distance, calibration.logOdds))] : []),
          ]),
      }}
    >
      <p class="small muted">{t.distancesText}</p>
    </Chart>
  );
}

/** The curves of {@link DistanceChart}, scaled to the higher peak. */
function distanceSeries(
  steps: ReturnType<typeof densities>,
  calibration: FittedCalibration | undefined,
): ChartSeries[] {
  const t = localized({ en, ko });
  const peak = Math.max(...steps.flatMap(({ same, different }) => [same, different]));
  const same = steps.map((step) => [step.distance, step.same / peak] as const);
  const different = steps.map((step) => [step.distance, step.different / peak] as const);
  const series: ChartSeries[] = [
    { label: t.samePeople, tone: 'accent', fill: true, points: same },
    { label: t.strangers, tone: 'ink', dash: [8, 5], fill: true, points: different },
  ];
  if (!calibration) return series;
  const probability = steps.map(
    ({ distance }) => [distance, probabilityOfSame(distance, calibration.logOdds)] as const,
  );
  return [...series, { label: t.probability, tone: 'danger', dash: [2, 4], points: probability }];
}

function Source() {
  const t = localized({ en, ko });
  const { pairs, images, counted, ece } = loaded;
  return (
    <p class="small muted source">
      {t.source(formatCount(pairs), formatCount(images), formatCount(counted.different), formatPercent(ece, 2))}{' '}
      <code>npm run evaluate -- --data DIR --write</code>
    </p>
  );
}
