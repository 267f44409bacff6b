import * as Plot from '@observablehq/plot';
import { countAccepts, falseAcceptRate, thresholdAtFar, validationRate } from '../../lib/evaluation/index.ts';
import { colours, legend, svgOf } from '../kit/plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, percent, picture, table } from './experiment.ts';
import { paperFar, scored, strangersOf } from './measure.ts';

/** How wide a bin of distances is. */
const bin = 0.02;

/** The distances of true and false pairs, with the true accepts TA and the false accepts FA at a threshold marked. */
export const histogramExperiment: Experiment = async (lab) => {
  const { balanced } = await lab.embed(untouched);
  const same = scored(lab.pairs, balanced).filter((pair) => pair.same);
  const strangers = strangersOf(lab.pairs, balanced);
  const pairs = [...same, ...strangers];
  const threshold = thresholdAtFar(pairs, paperFar);
  const counts = countAccepts(pairs, threshold);
  const kinds = [
    { kind: 'true pairs', accepted: 'TA, accepted', refused: 'refused', list: same, colour: colours.same },
    { kind: 'false pairs', accepted: 'FA, accepted', refused: 'refused', list: strangers, colour: colours.different },
  ];
  const bars = kinds.flatMap(({ kind, list, colour }) => {
    const shares = new Map<number, number>();
    for (const { distance } of list) {
      const place = Math.floor(distance / bin);
      shares.set(place, (shares.get(place) ?? 0) + 100 / list.length);
    }
    return [...shares].map(([place, share]) => ({ kind, colour, x1: place * bin, x2: (place + 1) * bin, share }));
  });
  const draw = (title: string, zoomed: boolean) =>
    svgOf({
      width: 640,
      height: zoomed ? 240 : 300,
      x: { label: 'Euclidean distance of the embeddings', domain: [0, 1.2] },
      y: { label: title, grid: true, ...(zoomed && { domain: [0, 0.2] }) },
      color: { type: 'identity' },
      marks: [
        Plot.rect(bars, {
          x1: 'x1',
          x2: 'x2',
          y1: 0,
          y2: (bar: { share: number }) => (zoomed ? Math.min(0.2, bar.share) : bar.share),
          fill: 'colour',
          fillOpacity: (bar: { x1: number }) => (bar.x1 + bin / 2 <= threshold ? 0.85 : 0.35),
        }),
        Plot.ruleX([threshold], { stroke: '#222', strokeDasharray: '4 3' }),
        Plot.text([threshold], {
          x: (d) => d,
          frameAnchor: 'top',
          text: () => `d = ${threshold.toFixed(3)}`,
          dx: 6,
          textAnchor: 'start',
        }),
        legend(kinds.map(({ kind, accepted, colour }) => ({ name: `${kind} (full: ${accepted})`, colour }))),
      ],
    });
  const rows = [
    [
      'true pairs',
      counts.same.toLocaleString('en-US'),
      counts.trueAccepts.toLocaleString('en-US'),
      `VAL(d) = ${percent(validationRate(counts))} %`,
    ],
    [
      'false pairs',
      counts.different.toLocaleString('en-US'),
      counts.falseAccepts,
      `FAR(d) = ${percent(falseAcceptRate(counts), 2)} %`,
    ],
  ];
  return {
    markdown: `${picture('histogram', 'Histograms of the distances of true and false pairs, with the threshold')}
${picture('histogram-tail', 'The same, magnified: false accepts are left of the threshold')}
${table(['', 'pairs', `accepted at d = ${threshold.toFixed(3)}`, ''], rows)}`,
    plots: {
      histogram: draw('share of the pairs, %', false),
      'histogram-tail': draw('the same, up to 0.2 %', true),
    },
  };
};
