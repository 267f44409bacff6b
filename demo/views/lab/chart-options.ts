import type uPlot from 'uplot';

/** A line of a chart. */
export interface ChartSeries {
  label: string;
  /** What the label means, if it is a name in code. The legend shows both. */
  meaning?: string;
  /** In ascending order of x. */
  points: readonly (readonly [x: number, y: number])[];
  tone: 'accent' | 'ink' | 'muted' | 'danger';
  /** The dash pattern, which distinguishes lines without relying on colour. */
  dash?: number[];
  fill?: boolean;
}

/** A labelled vertical line. `end` is the end of the line with room for the label. */
export interface ChartMark {
  x: number;
  label: string;
  end: 'top' | 'bottom';
}

/** An axis of a chart. */
export interface ChartAxis {
  label: string;
  log?: boolean;
  range: [number, number];
  format: (value: number) => string;
}

/** The content of a chart. */
export interface ChartContent {
  x: ChartAxis;
  y: ChartAxis;
  series: readonly ChartSeries[];
  marks: readonly ChartMark[];
}

/** Converts series to uPlot's data: all x values in ascending order, and a column per series with gaps where it has no point. */
export function chartData(series: readonly ChartSeries[]): uPlot.AlignedData {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const columns = series.map(({ points }) => {
    const yByX = new Map(points);
    return xs.map((x) => yByX.get(x));
  });
  return [xs, ...columns];
}

/** The size of a chart in its container: the full width, and half of it as height, within limits. */
export function chartSize(root: HTMLElement): { width: number; height: number } {
  const width = root.clientWidth;
  return { width, height: Math.round(Math.min(26 * rem(), Math.max(15 * rem(), width * 0.5))) };
}

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/**
 * Creates uPlot's options, with colours and fonts from the style sheet.
 *
 * @param getContent returns the current content: ranges and points can change without a new chart.
 * @param readout the element that shows the values under the pointer.
 */
export function chartOptions(
  root: HTMLElement,
  getContent: () => ChartContent,
  readout: HTMLElement | null,
): uPlot.Options {
  const { x, y, series, marks } = getContent();
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const small = 0.8125 * rem();
  const font = `${small}px ${style.fontFamily}`;
  const lines = { stroke: token('line'), width: 1 };
  const axis = { stroke: token('muted'), font, labelFont: font, labelSize: 1.9 * small, grid: lines, ticks: lines };
  return {
    ...chartSize(root),
    padding: [small, 2 * small, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 8 } },
    scales: {
      x: { time: false, distr: x.log ? 3 : 1, range: () => getContent().x.range },
      y: { range: () => getContent().y.range },
    },
    axes: [
      {
        ...axis,
        label: x.label,
        size: 2.6 * small,
        // A logarithmic axis has room for labels at powers of ten only.
        values: (_, splits) => splits.map((value) => (x.log && !isPowerOfTen(value) ? '' : x.format(value))),
      },
      { ...axis, label: y.label, size: 4.2 * small, values: (_, splits) => splits.map(y.format) },
    ],
    series: [{}, ...series.map((line) => seriesOptions(line, token(line.tone)))],
    hooks: {
      draw: [(chart) => drawMarks(chart, marks, token('ink'), font)],
      setCursor: [(chart) => updateReadout(chart, readout, getContent())],
    },
  };
}

function seriesOptions({ label, tone, dash, fill }: ChartSeries, colour: string): uPlot.Series {
  return {
    label,
    stroke: colour,
    width: tone === 'accent' ? 2.5 : 1.75,
    spanGaps: true,
    points: { show: false },
    ...(dash && { dash }),
    ...(fill && { fill: `color-mix(in srgb, ${colour} 14%, transparent)` }),
  };
}

function isPowerOfTen(value: number): boolean {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
}

function drawMarks(chart: uPlot, marks: readonly ChartMark[], colour: string, font: string): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * ratio));
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  for (const { x, label, end } of marks) {
    const canvasX = Math.round(chart.valToPos(x, 'x', true));
    ctx.beginPath();
    ctx.moveTo(canvasX, bbox.top);
    ctx.lineTo(canvasX, bbox.top + bbox.height);
    ctx.stroke();
    ctx.textAlign = canvasX > bbox.left + bbox.width * 0.6 ? 'right' : 'left';
    const offset = ctx.textAlign === 'left' ? 6 : -6;
    ctx.fillText(
      label,
      canvasX + offset * ratio,
      end === 'top' ? bbox.top + 16 * ratio : bbox.top + bbox.height - 10 * ratio,
    );
  }
  ctx.restore();
}

/** Shows the values at the pointer. */
function updateReadout(chart: uPlot, readout: HTMLElement | null, { x, y, series }: ChartContent): void {
  if (!readout) return;
  const { idx } = chart.cursor;
  const pointerX = idx === null || idx === undefined ? undefined : chart.data[0][idx];
  if (pointerX === undefined) {
    readout.textContent = '';
    return;
  }
  const values = series.map(({ label, points }) => {
    const nearest = points.reduce<readonly [number, number] | undefined>(
      (best, point) => (best && Math.abs(best[0] - pointerX) <= Math.abs(point[0] - pointerX) ? best : point),
      undefined,
    );
    return nearest ? `${label} ${y.format(nearest[1])}` : '';
  });
  readout.textContent = `${x.label} ${x.format(pointerX)}: ${values.join(' · ')}`;
}
