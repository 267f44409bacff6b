import { localized } from '../../app/language.ts';
import { Chart } from './Chart.tsx';
import type { ChartSeries } from './chart-options.ts';
import { measuredPresets, rocOf, valAtFar } from './curves.ts';
import { formatPercent, formatRate } from './format.ts';
import { en, ko } from './messages.ts';

/** The line styles of the presets, in order. */
const styles: Pick<ChartSeries, 'tone' | 'dash'>[] = [
  { tone: 'accent' },
  { tone: 'ink', dash: [8, 5] },
  { tone: 'muted', dash: [2, 4] },
];

/** The ROC curves of the measured presets, with a logarithmic FAR axis. @param own an additional curve. */
export function RocChart({ own }: { own?: ChartSeries }) {
  const t = localized({ en, ko });
  const series: ChartSeries[] = measuredPresets.map(([label, preset], i) => ({
    label,
    meaning: t.presetMeanings[label as keyof typeof t.presetMeanings],
    points: rocOf(preset).map(({ far, val }) => [far, val] as const),
    ...(styles[i] as (typeof styles)[number]),
  }));
  const rates = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
  return (
    <Chart
      title={t.roc}
      x={{ label: t.farAxis, log: true, range: [1e-5, 1], format: formatRate }}
      y={{ label: t.valAxis, range: [0.5, 1.005], format: (share) => formatPercent(share, 0) }}
      series={own ? [...series, own] : series}
      marks={[{ x: 1e-3, label: t.defaultFar, end: 'bottom' }]}
      table={{
        caption: t.roc,
        heads: [t.farAxis, ...measuredPresets.map(([name]) => name)],
        rows: rates.map((far) => [
          formatRate(far),
          ...measuredPresets.map(([, preset]) => formatPercent(valAtFar(preset, far))),
        ]),
      }}
    >
      <p class="small muted">{t.rocText}</p>
    </Chart>
  );
}
