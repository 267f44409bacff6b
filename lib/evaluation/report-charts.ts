import type { GroupPerformance } from './group-performance.ts';
import { count, percent, power } from './report-format.ts';
import { type PlotAxis, type PlotLine, plotSvg } from './report-plots.ts';

const decades = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));

/** FPIR and FNIR by the size of the gallery; empty for fewer than two sizes. */
export function sizePlot(identification: GroupPerformance['identification']): string {
  const sizes = identification.map(({ size }) => size);
  if (sizes.length < 2) return '';
  const line = (name: string, kind: 'fpir' | 'fnir'): PlotLine => ({
    name,
    points: identification.map(({ size, [kind]: { rate, low, high } }) => ({ x: size, y: rate, low, high })),
  });
  const lines = [line('FPIR', 'fpir'), line('FNIR', 'fnir')];
  const top =
    Math.max(...lines.flatMap(({ points }) => points.map(({ y, high }) => Math.max(y, high ?? 0)))) * 1.1 || 1;
  return plotSvg({
    x: {
      label: 'people enrolled',
      from: sizes[0] as number,
      to: sizes.at(-1) as number,
      ticks: sizes,
      format: count,
      logarithmic: true,
    },
    y: linear('error rate', 0, top),
    lines,
    dots: true,
    description: 'FPIR and FNIR by the number of people enrolled',
  });
}

/** A DET curve. Its name says so if no point has 30 errors of each kind. */
export function detLine(name: string, { det }: GroupPerformance): PlotLine {
  const isSupported = det.some(({ supported }) => supported);
  return {
    name: isSupported ? name : `${name} (few errors)`,
    points: det.map(({ fmr, fnmr, supported }) => ({ x: fmr, y: fnmr, supported })),
  };
}

/** A reliability diagram with its intervals. Its name says so if there are too few pairs. */
export function reliabilityLine(name: string, { reliability: { bins, support } }: GroupPerformance): PlotLine {
  return {
    name: support === 'supported' ? name : `${name} (few pairs)`,
    points: bins.map(({ stated, observed, low, high }) => ({ x: stated, y: observed, low, high })),
  };
}

/** DET curves on logarithmic axes; empty without points. */
export function detPlot(lines: readonly PlotLine[], description: string): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return '';
  const lowest = (values: number[]) =>
    Math.max(-6, Math.floor(Math.log10(Math.min(...values.filter((value) => value > 0)))));
  const fromX = lowest(points.map(({ x }) => x));
  const fromY = Math.min(-2, lowest([1, ...points.map(({ y }) => y)]));
  const axis = (label: string, from: number): PlotAxis => ({
    ...{ label, from: 10 ** from, to: 1, ticks: decades(from, 0), format: axisPower, logarithmic: true },
  });
  return plotSvg({ x: axis('FMR', fromX), y: axis('FNMR', fromY), lines, description });
}

function axisPower(value: number): string {
  return value === 1 ? '1' : power(value);
}

/** Reliability diagrams with the diagonal. */
export function calibrationPlot(lines: readonly PlotLine[]): string {
  const options = { x: linear('stated probability', 0, 1), y: linear('observed share', 0, 1), lines };
  return plotSvg({
    ...options,
    dots: true,
    diagonal: true,
    description: 'Observed share of genuine pairs by stated probability',
  });
}

function linear(label: string, from: number, to: number): PlotAxis {
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((each) => (to - from) / each <= 6) ?? 1;
  const ticks = Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) => from + i * step);
  return { label, from, to, ticks, format: percent };
}
