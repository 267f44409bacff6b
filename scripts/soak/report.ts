import { mean } from '../kit/statistics.ts';
import type { Sample } from './sample.ts';

/** The counts, their labels, and the permitted growth from the first sample to the last. */
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

/** The bounds as text. */
const boundTexts: Record<Count, string> = {
  heap: 'grows by at most 5 %',
  tensors: 'constant',
  textures: 'constant',
  workers: 'constant',
  objectUrls: 'constant',
  listeners: 'grows by at most 5',
  nodes: 'grows by at most 5',
};

/** A count over a run. */
interface Behaviour {
  first: number;
  last: number;
  lowest: number;
  highest: number;
  /** The growth over the run; of the heap, along the line fitted to its samples. */
  rise: number;
  flat: boolean;
}

/** Evaluates each count. @param samples without the first of a run, which is taken while the page warms up. */
export function behaviours(samples: readonly Sample[]): Record<Count, Behaviour> {
  const minutes = samples.map((sample) => sample.minutes);
  const entries = Object.entries(bounds).map(([count, { within }]) => {
    const values = samples.map((sample) => sample[count as Count]);
    const first = values[0] ?? Number.NaN;
    const last = values.at(-1) ?? Number.NaN;
    // The size of the heap varies with caches, so its trend counts. Of the others the last value counts.
    const rise = count === 'heap' ? slope(minutes, values) * ((minutes.at(-1) ?? 0) - (minutes[0] ?? 0)) : last - first;
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    return [count, { first, last, lowest, highest, rise, flat: within(first, rise) }];
  });
  return Object.fromEntries(entries) as Record<Count, Behaviour>;
}

/** The slope of the least-squares line. */
function slope(xs: readonly number[], ys: readonly number[]): number {
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
    return `| ${label} | ${numbers} | ${boundTexts[count as Count]} | ${flat ? 'pass' : '**fail**'} |`;
  });
  return `${minutes} minutes in headless ${browser}, ${samples.length} samples, each taken after the work is paused and
garbage is collected. Meanwhile the page followed and identified two people in ${work.frames} frames of
a ten-second film that was played again and again (${work.watches} calls of \`watch()\`, ${work.ids} ids), embedded
and clustered ${work.photos} photos, enrolled, renamed, identified and removed ${work.enrolments} people, exported
and imported the gallery ${work.exports} times, and loaded and disposed ${work.loads} further FaceNets with
MediaPipe.${heapChange(samples)}

| resource | first | lowest | highest | last | bound | result |
|-|-|-|-|-|-|-|
${rows.join('\n')}
`;
}

/** The change of the heap between the fifth and the last minute, as a sentence; empty for shorter runs. */
function heapChange(samples: readonly Sample[]): string {
  const fifth = samples.find(({ minutes }) => minutes >= 5);
  const last = samples.at(-1);
  if (!fifth || !last || last.minutes < 6) return '';
  const change = (100 * (last.heap - fifth.heap)) / fifth.heap;
  return `

Between the fifth and the last minute the heap changed by ${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %.`;
}

/** A plot of the counts over a run as SVG, one panel for each, from 0 to its maximum. */
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
