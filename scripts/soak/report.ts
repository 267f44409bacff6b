import type { Sample } from './sample.ts';

/** What is counted, how much it may change from the first sample to the last, and how that is told. */
const bounds = {
  heap: { label: 'heap, MB', within: (first: number, rise: number) => rise <= first * 0.05 },
  tensors: { label: 'tensors', within: (_: number, rise: number) => rise === 0 },
  textures: { label: 'GPU textures', within: (_: number, rise: number) => rise === 0 },
  workers: { label: 'workers', within: (_: number, rise: number) => rise === 0 },
  objectUrls: { label: 'object URLs', within: (_: number, rise: number) => rise === 0 },
  listeners: { label: 'event listeners', within: (_: number, rise: number) => rise <= 5 },
  nodes: { label: 'DOM nodes', within: (_: number, rise: number) => rise <= 5 },
} as const;

type Count = keyof typeof bounds;

const stated: Record<Count, string> = {
  heap: 'grows by at most 5 %',
  tensors: 'constant',
  textures: 'constant',
  workers: 'constant',
  objectUrls: 'constant',
  listeners: 'grows by at most 5',
  nodes: 'grows by at most 5',
};

/** How a count behaved: the line fitted through its samples tells what it rose by over the whole run. */
interface Behaviour {
  first: number;
  last: number;
  lowest: number;
  highest: number;
  rise: number;
  flat: boolean;
}

/** How each count behaved. The first sample of a run is of a page that still warms up: leave it out. */
export function behaviours(samples: readonly Sample[]): Record<Count, Behaviour> {
  const minutes = samples.map((sample) => sample.minutes);
  const entries = Object.entries(bounds).map(([count, { within }]) => {
    const values = samples.map((sample) => sample[count as Count]);
    const first = values[0] ?? Number.NaN;
    const last = values.at(-1) ?? Number.NaN;
    // The heap is read while caches breathe: its trend counts. Of everything else the last number does.
    const rise = count === 'heap' ? slope(minutes, values) * ((minutes.at(-1) ?? 0) - (minutes[0] ?? 0)) : last - first;
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    return [count, { first, last, lowest, highest, rise, flat: within(first, rise) }];
  });
  return Object.fromEntries(entries) as Record<Count, Behaviour>;
}

/** The slope of the line with the least squares. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, i) => sum + (x - mx) * ((ys[i] as number) - my), 0);
  return covariance / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

/** The table of a run, in Markdown. */
export function table(samples: readonly Sample[], minutes: number, browser: string): string {
  const { work } = samples.at(-1) as Sample;
  const digits = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
  const rows = Object.entries(behaviours(samples)).map(([count, { first, last, lowest, highest, flat }]) => {
    const { label } = bounds[count as Count];
    const numbers = [first, lowest, highest, last].map(digits).join(' | ');
    return `| ${label} | ${numbers} | ${stated[count as Count]} | ${flat ? 'pass' : '**fail**'} |`;
  });
  return `${minutes} minutes in headless ${browser}, ${samples.length} samples, each taken after the work is paused and
garbage is collected. Meanwhile the page followed and identified two people in ${work.frames} frames of
video, embedded and clustered ${work.photos} photos, enrolled, renamed, identified and removed ${work.enrolments}
people, exported and imported the gallery ${work.exports} times, and loaded and disposed ${work.loads} further FaceNets
with MediaPipe.

| resource | first | lowest | highest | last | bound | result |
|-|-|-|-|-|-|-|
${rows.join('\n')}
`;
}

/** The curves of a run, each from 0 to its highest, one below the other. */
export function curves(samples: readonly Sample[]): string {
  const [width, height, left, gap] = [720, 62, 130, 18];
  const end = samples.at(-1)?.minutes ?? 1;
  const counts = Object.keys(bounds) as Count[];
  const panels = counts.map((count, row) => {
    const values = samples.map((sample) => sample[count]);
    const highest = Math.max(...values, 1);
    const top = 10 + row * (height + gap);
    const x = (minutes: number) => left + ((width - left - 20) * minutes) / end;
    const y = (value: number) => top + height - (height * value) / (highest * 1.1);
    const points = samples.map((sample, i) => `${x(sample.minutes).toFixed(1)},${y(values[i] as number).toFixed(1)}`);
    return `<text x="${left - 10}" y="${top + height / 2}" text-anchor="end">${bounds[count].label}</text>
<text x="${left - 10}" y="${top + height / 2 + 15}" text-anchor="end" class="number">${(values.at(-1) as number).toFixed(count === 'heap' ? 1 : 0)}</text>
<path d="M${left} ${top}V${top + height}H${width - 20}" class="axis"/>
<polyline points="${points.join(' ')}"/>`;
  });
  const bottom = 10 + counts.length * (height + gap);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 16}" role="img" aria-label="What the page holds over ${end.toFixed(0)} minutes">
<style>rect{fill:#fff}text{font:13px system-ui,sans-serif;fill:#222}.number{fill:#666;font-size:12px}.axis{stroke:#bbb;fill:none}polyline{stroke:#1767b0;stroke-width:2;fill:none}</style>
<rect width="100%" height="100%"/>
${panels.join('\n')}
<text x="${left}" y="${bottom + 6}">0</text>
<text x="${width - 20}" y="${bottom + 6}" text-anchor="end">${end.toFixed(0)} minutes</text>
</svg>
`;
}
