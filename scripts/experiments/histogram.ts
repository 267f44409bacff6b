import * as Plot from '@observablehq/plot';
import {
  countAccepts,
  falseAcceptRate,
  type ScoredPair,
  thresholdAtFar,
  validationRate,
} from '../../lib/evaluation/index.ts';
import { markdownTable } from '../kit/markdown.ts';
import { colours, legend, svgOf } from '../kit/plots.ts';
import { undegraded } from './degradation.ts';
import { type Experiment, percent, picture } from './experiment.ts';
import { impostorPairsOf, paperFar, scoredPairs } from './measure.ts';

/** The width of a bin, as a distance. */
const binWidth = 0.02;

/** The pairs of one histogram. */
interface PairKind {
  name: string;
  /** The meaning of the bars within the threshold, for the legend. */
  accepted: string;
  pairs: readonly ScoredPair[];
  colour: string;
}

/** The distances of genuine (true) and impostor (false) pairs, with the accepts TA and FA at a threshold. */
export const histogramExperiment: Experiment = async (context) => {
  const { balanced } = await context.embed(undegraded);
  const genuine = scoredPairs(context.pairs, balanced).filter((pair) => pair.same);
  const impostors = impostorPairsOf(context.pairs, balanced);
  const pairs = [...genuine, ...impostors];
  const threshold = thresholdAtFar(pairs, paperFar);
  const counts = countAccepts(pairs, threshold);
  const kinds: PairKind[] = [
    { name: 'true pairs', accepted: 'TA, accepted', pairs: genuine, colour: colours.same },
    { name: 'false pairs', accepted: 'FA, accepted', pairs: impostors, colour: colours.different },
  ];
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
${markdownTable(['', 'pairs', `accepted at d = ${threshold.toFixed(3)}`, ''], rows)}`,
    plots: {
      histogram: histogram(kinds, threshold, 'share of the pairs, %'),
      'histogram-tail': histogram(kinds, threshold, 'the same, up to 0.2 %', 0.2),
    },
  };
};

/** @param maxShare cuts the axis and the bars off. */
function histogram(kinds: readonly PairKind[], threshold: number, title: string, maxShare?: number): string {
  const bars = kinds.flatMap(barsOf);
  return svgOf({
    width: 640,
    height: maxShare === undefined ? 300 : 240,
    x: { label: 'Euclidean distance of the embeddings', domain: [0, 1.2] },
    y: { label: title, grid: true, ...(maxShare !== undefined && { domain: [0, maxShare] }) },
    color: { type: 'identity' },
    marks: [
      Plot.rect(bars, {
        x1: 'x1',
        x2: 'x2',
        y1: 0,
        y2: ({ share }: { share: number }) => Math.min(maxShare ?? share, share),
        fill: 'colour',
        fillOpacity: (bar: { x1: number }) => (bar.x1 + binWidth / 2 <= threshold ? 0.85 : 0.35),
      }),
      Plot.ruleX([threshold], { stroke: '#222', strokeDasharray: '4 3' }),
      Plot.text([threshold], {
        x: (d) => d,
        frameAnchor: 'top',
        text: () => `d = ${threshold.toFixed(3)}`,
        dx: 6,
        textAnchor: 'start',
      }),
      legend(kinds.map(({ name, accepted, colour }) => ({ name: `${name} (full: ${accepted})`, colour }))),
    ],
  });
}

function barsOf({ pairs, colour }: PairKind): { colour: string; x1: number; x2: number; share: number }[] {
  const shares = new Map<number, number>();
  for (const { distance } of pairs) {
    const bin = Math.floor(distance / binWidth);
    shares.set(bin, (shares.get(bin) ?? 0) + 100 / pairs.length);
  }
  return [...shares].map(([bin, share]) => ({ colour, x1: bin * binWidth, x2: (bin + 1) * binWidth, share }));
}
