import * as Plot from '@observablehq/plot';
import { colours, legend, svgOf } from '../kit/plots.ts';
import { untouched } from './degraded.ts';
import { type Experiment, meanText, picture, table } from './experiment.ts';
import { measure } from './measure.ts';
import { paper } from './paper.ts';

/** The paper's section 5.6: accuracy on LFW with a fixed centre crop, and with a face detector. */
export const centreExperiment: Experiment = async (lab) => {
  const [centre, detector] = [await lab.embed({ ...untouched, centre: true }), await lab.embed(untouched)];
  const rows = [
    { protocol: 'fixed centre crop', made: centre, published: paper.lfw.centre },
    { protocol: 'face detector', made: detector, published: paper.lfw.detector },
  ].map(({ protocol, made, published }) => {
    const [fast, balanced] = [measure(lab.pairs, made.fast), measure(lab.pairs, made.balanced)];
    return { protocol, fast, balanced, published: published as [number, number] };
  });
  const bars = rows.flatMap(({ protocol, fast, balanced, published }) => [
    { protocol, system: 'balanced', y: 100 * balanced.accuracy.mean, error: 100 * balanced.accuracy.standardError },
    { protocol, system: 'fast', y: 100 * fast.accuracy.mean, error: 100 * fast.accuracy.standardError },
    { protocol, system: 'paper', y: published[0], error: published[1] },
  ]);
  const range = [colours.ours, colours.second, colours.paper];
  const systems = ['balanced', 'fast', 'paper'];
  return {
    markdown: `${picture('centre', 'Accuracy on LFW with a fixed centre crop and with a face detector')}
${table(
  ['', 'accuracy, `balanced`', '`fast`', 'paper', 'VAL at FAR 10⁻³, `balanced`', '`fast`'],
  rows.map(({ protocol, fast, balanced, published }) => [
    protocol,
    meanText(balanced.accuracy, 2),
    meanText(fast.accuracy, 2),
    `${published[0]} ± ${published[1]}`,
    meanText(balanced.val),
    meanText(fast.val),
  ]),
)}`,
    plots: {
      centre: svgOf({
        height: 300,
        x: { axis: null, domain: systems },
        fx: { label: null, domain: rows.map(({ protocol }) => protocol) },
        y: { label: 'accuracy, %', domain: [97, 100], grid: true },
        color: { domain: systems, range },
        marks: [
          Plot.dot(bars, { x: 'system', fx: 'protocol', y: 'y', fill: 'system', r: 6 }),
          Plot.ruleX(bars, {
            x: 'system',
            fx: 'protocol',
            y1: (bar) => bar.y - bar.error,
            y2: (bar) => bar.y + bar.error,
          }),
          Plot.text(bars, { x: 'system', fx: 'protocol', y: 'y', text: (bar) => bar.y.toFixed(2), dx: 26 }),
          legend(systems.map((name, i) => ({ name, colour: range[i] as string }))),
        ],
      }),
    },
  };
};
