import * as Plot from '@observablehq/plot';
import { rocCurve, type ScoredPair } from '../../lib/evaluation/index.ts';
import { scoredPairs } from '../../lib/training/head/validation.ts';
import type { Head, HeadExample } from '../../lib/training/index.ts';
import { colours, legend, svgOf } from '../kit/plots.ts';
import type { FigureText } from './figure-text.ts';

/** The width of a bin of the histogram, as a distance. */
const binWidth = 0.04;

/** The histograms of genuine and impostor distances with a threshold, and the ROC curves with and without a head. */
export function evaluationFigures(
  examples: readonly HeadExample[],
  head: Head,
  threshold: number,
  text: FigureText,
): { distances: string; roc: string } {
  const pairsOf = (faces: readonly HeadExample[]) =>
    scoredPairs(
      faces.map(({ embedding }) => embedding),
      faces.map(({ person }) => person),
    );
  const [before, after] = [pairsOf(examples), pairsOf(head.apply(examples))];
  return { distances: distancesFigure(before, threshold, text), roc: rocFigure(before, after, text) };
}

function distancesFigure(pairs: readonly ScoredPair[], threshold: number, text: FigureText): string {
  const bars = [true, false].flatMap((same) => {
    const list = pairs.filter((pair) => pair.same === same);
    const percentages = new Map<number, number>();
    for (const { distance } of list) {
      const bin = Math.floor(distance / binWidth);
      percentages.set(bin, (percentages.get(bin) ?? 0) + 100 / list.length);
    }
    const colour = same ? colours.same : colours.different;
    return [...percentages].map(([bin, share]) => ({ colour, x1: bin * binWidth, x2: (bin + 1) * binWidth, share }));
  });
  return svgOf({
    width: 560,
    height: 280,
    x: { label: text.distance },
    y: { label: text.share, grid: true },
    color: { type: 'identity' },
    marks: [
      Plot.rect(bars, {
        x1: 'x1',
        x2: 'x2',
        y1: 0,
        y2: 'share',
        fill: 'colour',
        fillOpacity: (bar) => (bar.x1 + binWidth / 2 <= threshold ? 0.85 : 0.35),
      }),
      Plot.ruleX([threshold], { stroke: '#222', strokeDasharray: '4 3' }),
      Plot.text([threshold], {
        x: (d) => d,
        frameAnchor: 'top',
        text: () => text.threshold,
        dx: 6,
        textAnchor: 'start',
      }),
      legend([
        { name: text.truePairs, colour: colours.same },
        { name: text.falsePairs, colour: colours.different },
      ]),
    ],
  });
}

function rocFigure(before: readonly ScoredPair[], after: readonly ScoredPair[], text: FigureText): string {
  const curveOf = (pairs: readonly ScoredPair[]) =>
    rocCurve(pairs)
      .filter(({ falseAcceptRate }) => falseAcceptRate > 0)
      .map(({ falseAcceptRate, validationRate }) => ({ x: 100 * falseAcceptRate, y: 100 * validationRate }));
  const curves = [
    { name: text.withoutHead, colour: colours.grey, points: curveOf(before) },
    { name: text.withHead, colour: colours.ours, points: curveOf(after) },
  ];
  return svgOf({
    width: 560,
    height: 320,
    grid: true,
    x: { type: 'log', label: text.far, tickFormat: '~g' },
    y: { label: text.val, domain: [0, 100] },
    color: { type: 'identity' },
    marks: [
      ...curves.map(({ points, colour }) =>
        Plot.lineY(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, curve: 'step-after' }),
      ),
      legend(curves),
    ],
  });
}
