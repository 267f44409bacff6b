import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../../app/theme.ts';
import { DataTable, type DataTableProps } from './DataTable.tsx';
import 'uplot/dist/uPlot.min.css';

/** A line of a chart; its points by rising x. */
export interface ChartSeries {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
  tone: 'accent' | 'ink' | 'muted' | 'danger';
  /** Dashes tell lines apart for those who do not see their colours. */
  dash?: number[];
  fill?: boolean;
}

/** A place that means something, with its name at the upper or lower end of the line, where there is room. */
interface Mark {
  x: number;
  label: string;
  end: 'top' | 'bottom';
}

interface ChartProps {
  title: string;
  x: { label: string; log?: boolean; range: [number, number]; format: (value: number) => string };
  y: { label: string; range: [number, number]; format: (value: number) => string };
  series: readonly ChartSeries[];
  /** Upright lines at places that mean something. */
  marks?: readonly Mark[];
  /** The same figures for those who cannot see the chart. */
  table: DataTableProps;
  children?: ComponentChildren;
}

/** Whether the device asks for dark colours, which the chart draws and no style sheet reaches. */
const dark = matchMedia('(prefers-color-scheme: dark)');
const darkness = signal(dark.matches);
dark.addEventListener('change', ({ matches }) => {
  darkness.value = matches;
});

/** Lines over an axis, drawn by uPlot, which is fetched when the first chart is shown. */
export function Chart({ title, x, y, series, marks = [], table, children }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ x, y, series, marks });
  latest.current = { x, y, series, marks };
  // What the chart is drawn anew for; other points only go into it.
  const looks = JSON.stringify([
    theme.value,
    darkness.value,
    x.label,
    y.label,
    marks,
    series.map(({ label }) => label),
  ]);
  useEffect(() => {
    const root = place.current;
    if (!root) return;
    let gone = false;
    const observer = new ResizeObserver(() => chart.current?.setSize(sizeOf(root)));
    void import('uplot').then(({ default: UPlot }) => {
      if (gone) return;
      const options = optionsFor(root, () => latest.current, readout.current);
      chart.current = new UPlot(options, dataOf(latest.current.series), root);
      observer.observe(root);
    });
    return () => {
      gone = true;
      observer.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [looks]);
  useEffect(() => chart.current?.setData(dataOf(series)), [series]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {children}
      </figcaption>
      <ul class="chart-legend small" aria-hidden="true">
        {series.map(({ label, tone, dash }) => (
          <li key={label}>
            <svg viewBox="0 0 24 4" class={`chart-key ${tone}`} aria-hidden="true">
              <path d="M0 2H24" stroke-dasharray={dash?.join(' ')} />
            </svg>
            {label}
          </li>
        ))}
      </ul>
      <div class="chart-place" ref={place} aria-hidden="true" />
      <p class="chart-readout small muted figure" ref={readout} aria-hidden="true" />
      <DataTable {...table} />
    </figure>
  );
}

/** Lines over one list of all x, with gaps where a line has no point. */
function dataOf(series: readonly ChartSeries[]): uPlot.AlignedData {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const lines = series.map(({ points }) => {
    const at = new Map(points);
    return xs.map((x) => at.get(x));
  });
  return [xs, ...lines];
}

function sizeOf(root: HTMLElement): { width: number; height: number } {
  const width = root.clientWidth;
  return { width, height: Math.round(Math.min(26 * rem(), Math.max(15 * rem(), width * 0.5))) };
}

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

type Drawn = Required<Pick<ChartProps, 'x' | 'y' | 'series' | 'marks'>>;

/** @param latest what is to be drawn now: ranges may have grown since the chart was made. */
function optionsFor(root: HTMLElement, latest: () => Drawn, readout: HTMLElement | null): uPlot.Options {
  const { x, y, series, marks } = latest();
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const small = 0.8125 * rem();
  const font = `${small}px ${style.fontFamily}`;
  const axis = { stroke: token('muted'), font, labelFont: font, labelSize: 1.9 * small } as const;
  const lines = { stroke: token('line'), width: 1 };
  return {
    ...sizeOf(root),
    padding: [small, 2 * small, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 8 } },
    scales: {
      x: { time: false, distr: x.log ? 3 : 1, range: () => latest().x.range },
      y: { range: () => latest().y.range },
    },
    axes: [
      {
        ...axis,
        label: x.label,
        grid: lines,
        ticks: lines,
        size: 2.6 * small,
        // On a logarithmic axis only the powers of ten have room.
        values: (_, splits) => splits.map((value) => (x.log && !isPowerOfTen(value) ? '' : x.format(value))),
      },
      {
        ...axis,
        label: y.label,
        grid: lines,
        ticks: lines,
        size: 4.2 * small,
        values: (_, splits) => splits.map(y.format),
      },
    ],
    series: [
      {},
      ...series.map(({ label, tone, dash, fill }) => ({
        label,
        stroke: token(tone),
        width: tone === 'accent' ? 2.5 : 1.75,
        spanGaps: true,
        points: { show: false },
        ...(dash && { dash }),
        ...(fill && { fill: `color-mix(in srgb, ${token(tone)} 14%, transparent)` }),
      })),
    ],
    hooks: {
      draw: [(chart) => drawFaceMarks(chart, marks, token('ink'), font)],
      setCursor: [(chart) => readOut(chart, readout, latest())],
    },
  };
}

function isPowerOfTen(value: number): boolean {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
}

function drawFaceMarks(chart: uPlot, marks: readonly Mark[], colour: string, font: string): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * ratio));
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  for (const { x, label, end } of marks) {
    const at = Math.round(chart.valToPos(x, 'x', true));
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    ctx.textAlign = at > bbox.left + bbox.width * 0.6 ? 'right' : 'left';
    const aside = ctx.textAlign === 'left' ? 6 : -6;
    ctx.fillText(
      label,
      at + aside * ratio,
      end === 'top' ? bbox.top + 16 * ratio : bbox.top + bbox.height - 10 * ratio,
    );
  }
  ctx.restore();
}

/** Writes what lies under the pointer. */
function readOut(chart: uPlot, readout: HTMLElement | null, { x, y, series }: Drawn): void {
  if (!readout) return;
  const { idx } = chart.cursor;
  const at = idx === null || idx === undefined ? undefined : chart.data[0][idx];
  if (at === undefined) {
    readout.textContent = '';
    return;
  }
  const values = series.map(({ label, points }) => {
    const nearest = points.reduce<readonly [number, number] | undefined>(
      (best, point) => (best && Math.abs(best[0] - at) <= Math.abs(point[0] - at) ? best : point),
      undefined,
    );
    return nearest ? `${label} ${y.format(nearest[1])}` : '';
  });
  readout.textContent = `${x.label} ${x.format(at)}: ${values.join(' · ')}`;
}
