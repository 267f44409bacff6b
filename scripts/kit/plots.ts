import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { repositoryPath } from './paths.ts';

/** The colours of all plots, distinguishable with colour blindness (Okabe and Ito, "Color Universal Design", 2008). */
export const colours = {
  ours: '#0072b2',
  second: '#009e73',
  third: '#cc79a7',
  paper: '#d55e00',
  same: '#0072b2',
  different: '#e69f00',
  grey: '#777777',
};

/** A line of a plot. A point may have a standard error, drawn as a vertical bar. */
export interface Series {
  name: string;
  colour: string;
  points: { x: number; y: number; error?: number }[];
  dashed?: boolean;
}

/** Draws a plot as the text of an SVG file. */
export function svgOf(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const plot = Plot.plot({
    document,
    width: 640,
    height: 380,
    marginLeft: 56,
    marginBottom: 40,
    marginTop: 34,
    marginRight: 20,
    // Readable on dark pages too.
    style: { background: 'white', color: '#222', fontSize: '12px' },
    ...options,
    // Beside the axis: the legend is above the plot.
    y: { labelAnchor: 'center', labelArrow: 'none', ...options.y },
  }) as unknown as SVGElement;
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${plot.outerHTML}\n`;
}

/** Draws lines with a legend above them. */
export function linesPlot(series: readonly Series[], options: Plot.PlotOptions = {}): string {
  const rows = series.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  const domain = series.map(({ name }) => name);
  const rowsOf = (dashed: boolean) =>
    rows.filter(({ name }) => Boolean(series.find((each) => each.name === name)?.dashed) === dashed);
  return svgOf({
    grid: true,
    color: { domain, range: series.map(({ colour }) => colour), legend: false },
    ...options,
    marks: [
      Plot.ruleX(
        rows.filter(({ error }) => error),
        { x: 'x', y1: (row) => row.y - row.error, y2: (row) => row.y + row.error, stroke: 'name', strokeOpacity: 0.5 },
      ),
      Plot.lineY(rowsOf(false), { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2 }),
      Plot.lineY(rowsOf(true), { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2, strokeDasharray: '5 4' }),
      Plot.dot(rows, { x: 'x', y: 'y', fill: 'name', r: 3 }),
      legend(series),
      ...(options.marks ?? []),
    ],
  });
}

/** A legend above a plot: the name of each series in its colour. */
export function legend(series: readonly Pick<Series, 'name' | 'colour'>[]): Plot.Markish {
  return () => {
    const { document } = parseHTML('<!doctype html><svg></svg>');
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    let x = 60;
    for (const { name, colour } of series) {
      const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      for (const [key, value] of Object.entries({
        x,
        y: 14,
        fill: colour,
        'text-anchor': 'start',
        'font-weight': 600,
      })) {
        text.setAttribute(key, String(value));
      }
      text.textContent = name;
      group.appendChild(text);
      // Hangul is nearly twice as wide as Latin letters.
      x += [...name].reduce((width, letter) => width + (letter > '\u1100' ? 12 : 6.8), 26);
    }
    return group as unknown as SVGElement;
  };
}

/** Writes an SVG file. @param path relative to docs/. */
export function writeSvg(path: string, svg: string): void {
  const file = repositoryPath(`docs/${path}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, svg);
}
