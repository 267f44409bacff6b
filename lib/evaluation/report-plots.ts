/** A line of a plot, with points that may have an interval. It is dashed at points that the data does not support. */
export interface PlotLine {
  name: string;
  points: readonly { x: number; y: number; low?: number; high?: number; supported?: boolean }[];
}

/** An axis: its label, the values at its ends, and those that are labelled. */
export interface PlotAxis {
  label: string;
  from: number;
  to: number;
  ticks: readonly number[];
  format: (value: number) => string;
  logarithmic?: boolean;
}

/** What {@link plotSvg} draws. */
export interface PlotOptions {
  x: PlotAxis;
  y: PlotAxis;
  lines: readonly PlotLine[];
  /** Whether to mark each point. */
  dots?: boolean;
  /** Whether to draw the diagonal, where both values are equal. */
  diagonal?: boolean;
  /** What the plot shows, for people who cannot see it. */
  description: string;
}

const size = { width: 640, height: 360, left: 78, right: 26, top: 14, bottom: 46 };

/** Draws lines in two axes as SVG. Its colours are the variables `--series-1` to `--series-6` of the page's style sheet. */
export function plotSvg({ x, y, lines, dots = false, diagonal = false, description }: PlotOptions): string {
  const across = scale(x, size.left, size.width - size.right);
  const up = scale(y, size.height - size.bottom, size.top);
  const parts = [axes(x, y, across, up)];
  if (diagonal) parts.push(`<path class="diagonal" d="M${across(x.from)} ${up(y.from)}L${across(x.to)} ${up(y.to)}"/>`);
  for (const [i, { points }] of lines.entries()) {
    const shown = points.filter((point) => isWithin(point.x, x) && Number.isFinite(point.y));
    const at = (point: (typeof shown)[number]) => `${across(point.x)} ${up(point.y)}`;
    const isSolid = (k: number) => shown[k]?.supported !== false && shown[k + 1]?.supported !== false;
    const segments = (solid: boolean) =>
      shown.slice(1).map((point, k) => {
        const start = shown[k] as typeof point;
        if (isSolid(k) !== solid) return '';
        return `${k > 0 && isSolid(k - 1) === solid ? '' : `M${at(start)}`}L${at(point)}`;
      });
    const dashed = segments(false).join('');
    const bars = shown.map((point) =>
      point.low === undefined || point.high === undefined || Number.isNaN(point.low)
        ? ''
        : `M${across(point.x)} ${up(point.low)}V${up(point.high)}`,
    );
    const circles = dots ? shown.map((point) => `<circle cx="${across(point.x)}" cy="${up(point.y)}" r="4"/>`) : [];
    parts.push(
      `<g class="series-${(i % 6) + 1}"><path d="${segments(true).join('')}"/>${dashed && `<path class="dashed" d="${dashed}"/>`}<path class="bar" d="${bars.join('')}"/>${circles.join('')}</g>`,
    );
  }
  const legend = lines.length > 1 ? legendHtml(lines) : '';
  return `<figure>${legend}<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeHtml(description)}">${parts.join('')}</svg></figure>`;
}

/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] as string);
}

function legendHtml(lines: readonly PlotLine[]): string {
  const items = lines.map(({ name }, i) => `<li class="series-${(i % 6) + 1}">${escapeHtml(name)}</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** Maps values of an axis to pixels, clamped to the axis, with one decimal. */
function scale({ from, to, logarithmic }: PlotAxis, start: number, end: number): (value: number) => number {
  const position = (value: number) => (logarithmic ? Math.log(value) : value);
  const span = position(to) - position(from);
  return (value) => {
    const share = (position(Math.min(to, Math.max(from, value))) - position(from)) / span;
    return Math.round((start + share * (end - start)) * 10) / 10;
  };
}

function isWithin(value: number, { from, to }: PlotAxis): boolean {
  return value >= from && value <= to;
}

function axes(x: PlotAxis, y: PlotAxis, across: (value: number) => number, up: (value: number) => number): string {
  const [bottom, middle] = [size.height - size.bottom, (size.height - size.bottom + size.top) / 2];
  const vertical = x.ticks.map(
    (tick) =>
      `<path class="grid" d="M${across(tick)} ${size.top}V${bottom}"/><text x="${across(tick)}" y="${bottom + 18}" text-anchor="middle">${x.format(tick)}</text>`,
  );
  const horizontal = y.ticks.map(
    (tick) =>
      `<path class="grid" d="M${size.left} ${up(tick)}H${size.width - size.right}"/><text x="${size.left - 8}" y="${up(tick) + 4}" text-anchor="end">${y.format(tick)}</text>`,
  );
  const labels = [
    `<text class="label" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 6}" text-anchor="middle">${escapeHtml(x.label)}</text>`,
    `<text class="label" transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${escapeHtml(y.label)}</text>`,
  ];
  return [...vertical, ...horizontal, ...labels].join('');
}
