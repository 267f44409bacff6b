import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../../app/theme.ts';
import {
  type ChartContent,
  type ChartMark,
  type ChartSeries,
  chartData,
  chartOptions,
  chartSize,
} from './chart-options.ts';
import { DataTable, type DataTableProps } from './DataTable.tsx';
import 'uplot/dist/uPlot.min.css';

interface ChartProps extends Omit<ChartContent, 'marks'> {
  title: string;
  marks?: readonly ChartMark[];
  /** The same figures as a table, for screen readers. */
  table: DataTableProps;
  children?: ComponentChildren;
}

/** Whether the device prefers dark colours. A canvas does not follow the style sheet, so a change redraws the chart. */
const darkQuery = matchMedia('(prefers-color-scheme: dark)');
const prefersDark = signal(darkQuery.matches);
darkQuery.addEventListener('change', ({ matches }) => {
  prefersDark.value = matches;
});

/** A line chart with a legend, a readout and a table. Draws with uPlot, which is downloaded with the first chart. */
export function Chart({ title, x, y, series, marks = [], table, children }: ChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const content = useRef<ChartContent>({ x, y, series, marks });
  content.current = { x, y, series, marks };
  // A change of these creates a new chart. New points only update the data.
  const chartKey = JSON.stringify([
    theme.value,
    prefersDark.value,
    x.label,
    y.label,
    marks,
    series.map(({ label }) => label),
  ]);
  useEffect(() => {
    const root = container.current;
    if (!root) return;
    let unmounted = false;
    const observer = new ResizeObserver(() => chart.current?.setSize(chartSize(root)));
    void import('uplot').then(({ default: UPlot }) => {
      if (unmounted) return;
      const options = chartOptions(root, () => content.current, readout.current);
      chart.current = new UPlot(options, chartData(content.current.series), root);
      observer.observe(root);
    });
    return () => {
      unmounted = true;
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [chartKey]);
  useEffect(() => chart.current?.setData(chartData(series)), [series]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {children}
      </figcaption>
      <Legend series={series} />
      <div class="chart-area" ref={container} aria-hidden="true" />
      <p class="chart-readout small muted figure" ref={readout} aria-hidden="true" />
      <DataTable {...table} />
    </figure>
  );
}

function Legend({ series }: { series: readonly ChartSeries[] }) {
  return (
    <ul class="chart-legend small" aria-hidden="true">
      {series.map(({ label, meaning, tone, dash }) => (
        <li key={label}>
          <svg viewBox="0 0 24 4" class={`chart-key ${tone}`} aria-hidden="true">
            <path d="M0 2H24" stroke-dasharray={dash?.join(' ')} />
          </svg>
          {meaning ? <code>{label}</code> : label}
          {meaning}
        </li>
      ))}
    </ul>
  );
}
