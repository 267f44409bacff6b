/** A line of points on logarithmic axes. */
export interface Panel {
  title: string;
  xLabel: string;
  yLabel: string;
  points: readonly (readonly [x: number, y: number])[];
}

const panel = { width: 300, height: 240 };
const margin = { left: 62, right: 14, top: 34, bottom: 44 };

/** Panels side by side, as an SVG file. */
export function plot(panels: readonly Panel[]): string {
  const width = panels.length * panel.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height}" width="${width}" height="${panel.height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${panels.map((each, i) => `<g transform="translate(${i * panel.width} 0)">\n${draw(each)}\n</g>`).join('\n')}
</svg>
`;
}

function draw({ title, xLabel, yLabel, points }: Panel): string {
  const [right, bottom] = [panel.width - margin.right, panel.height - margin.bottom];
  const x = axis(
    points.map(([value]) => value),
    margin.left,
    right,
  );
  const y = axis(
    points.map(([, value]) => value),
    bottom,
    margin.top,
  );
  const at = ([a, b]: readonly [number, number]) => `${x.place(a).toFixed(1)},${y.place(b).toFixed(1)}`;
  return [
    `<text x="${margin.left}" y="18" font-weight="bold">${title}</text>`,
    `<text x="${(margin.left + right) / 2}" y="${panel.height - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    ...x.ticks.map(
      (tick) =>
        `<path d="M${x.place(tick).toFixed(1)} ${margin.top}V${bottom}" stroke="#ddd"/><text x="${x.place(tick).toFixed(1)}" y="${bottom + 14}" text-anchor="middle">${label(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path d="M${margin.left} ${y.place(tick).toFixed(1)}H${right}" stroke="#ddd"/><text x="${margin.left - 5}" y="${(y.place(tick) + 4).toFixed(1)}" text-anchor="end">${label(tick)}</text>`,
    ),
    `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="#0b6e99" stroke-width="2"/>`,
    ...points.map((point) => {
      const [left, top] = at(point).split(',');
      return `<circle cx="${left}" cy="${top}" r="3" fill="#0b6e99"/>`;
    }),
  ].join('\n');
}

/** A logarithmic axis from `start` to `end`, from the power of ten below the values to the one above. */
function axis(values: readonly number[], start: number, end: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    place: (value: number) => start + ((Math.log10(value) - low) / (high - low)) * (end - start),
  };
}

function label(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(1)));
}
