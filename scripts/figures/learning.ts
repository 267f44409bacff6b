import * as Plot from '@observablehq/plot';
import { squaredDistance } from '../../lib/core/vectors.ts';
import { rocCurve } from '../../lib/evaluation/index.ts';
import { tripletObjective } from '../../lib/training/head/triplet-objective.ts';
import { scoredPairs } from '../../lib/training/head/validation.ts';
import { type Head, type HeadEpoch, type HeadExample, selectTriplets } from '../../lib/training/index.ts';
import { colours, legend, linesPlot, svgOf } from '../kit/plots.ts';
import { at, drawing, element, label } from './svg.ts';
import type { Words } from './words.ts';

/** The circle on which the triplet figure's embeddings lie. */
const radius = 120;

/**
 * The triplet loss at work: three embeddings on the unit circle go against its gradient until the negative is further from the anchor
 * than the positive by the margin. Every place is computed with the library's own loss.
 */
export function tripletFigure(words: Words): string {
  const compute = tripletObjective({ mining: { negatives: 'hardest' } }, () => 0);
  let angles = [0.6, 2.3, 0.1];
  const labels = [1, 1, 2];
  const history = [angles];
  // Steps of a fixed length along the gradient, which a point of the circle can only follow around it.
  for (let step = 0; step < 400; step++) {
    const units = angles.map((angle) => Float64Array.of(Math.cos(angle), Math.sin(angle)));
    const { loss, gradients } = compute(units, labels);
    if (loss === 0) break;
    angles = angles.map((angle, i) => {
      const [dx = 0, dy = 0] = gradients[i] ?? [];
      return angle - 0.005 * (dy * Math.cos(angle) - dx * Math.sin(angle));
    });
    history.push(angles);
  }
  const kinds = [
    { name: words.anchor, colour: '#222' },
    { name: words.positive, colour: colours.same },
    { name: words.negative, colour: colours.different },
  ];
  const place = (angle: number) => ({ x: radius * Math.cos(angle), y: -radius * Math.sin(angle) });
  const circle = (angles: readonly number[], title: string, trail: boolean) => {
    const parts = [element('circle', { r: radius, fill: 'none', stroke: '#bbb' })];
    const [a, p, n] = angles.map(place) as [
      ReturnType<typeof place>,
      ReturnType<typeof place>,
      ReturnType<typeof place>,
    ];
    for (const [end, colour] of [
      [p, colours.same],
      [n, colours.different],
    ] as const) {
      parts.push(
        element('line', {
          x1: a.x,
          y1: a.y,
          x2: end.x,
          y2: end.y,
          stroke: colour,
          'stroke-width': 2,
          'stroke-dasharray': '5 4',
        }),
      );
    }
    angles.forEach((angle, i) => {
      const { name, colour } = kinds[i] as (typeof kinds)[number];
      const { x, y } = place(angle);
      if (trail) {
        const path = history
          .map((past) => place(past[i] as number))
          .map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`);
        parts.push(
          element('polyline', {
            points: path.join(' '),
            fill: 'none',
            stroke: colour,
            'stroke-width': 4,
            'stroke-opacity': 0.35,
          }),
        );
      }
      parts.push(element('circle', { cx: x, cy: y, r: 7, fill: colour }));
      parts.push(label(1.12 * x, 1.12 * y + 4, name, { fill: colour, 'font-weight': 600 }));
    });
    const d = (end: { x: number; y: number }) => (((a.x - end.x) ** 2 + (a.y - end.y) ** 2) / radius ** 2).toFixed(2);
    parts.push(label(0, -radius - 34, title, { 'text-anchor': 'middle', 'font-weight': 600, 'font-size': 14 }));
    parts.push(label(0, radius + 36, `‖a − p‖² = ${d(p)},  ‖a − n‖² = ${d(n)}`, { 'text-anchor': 'middle' }));
    return parts.join('');
  };
  return drawing(
    860,
    370,
    at(200, 190, circle(history[0] as number[], words.before, false)) +
      at(610, 190, circle(history.at(-1) as number[], `${words.after(history.length - 1)}, ${words.margin}`, true)),
  );
}

/** What an anchor can be shown with: all other faces by their squared distance, and which negative is selected. */
export function selectionFigure(examples: readonly HeadExample[], words: Words): string {
  const [vectors, labels] = [examples.map(({ embedding }) => embedding), examples.map(({ person }) => person)];
  const triplets = selectTriplets(vectors, labels);
  const to = (a: number, b: number) => squaredDistance(vectors[a] as Float32Array, vectors[b] as Float32Array);
  // The triplet whose anchor has most kinds of negatives about it.
  const counts = (a: number, near: number) =>
    labels.map((person, i) =>
      person === labels[a] ? 'own' : to(a, i) <= near ? 'hard' : to(a, i) < near + 0.2 ? 'semi' : 'easy',
    );
  const [shown] = [...triplets].sort((x, y) => score(y) - score(x));
  function score({ anchor, positive }: (typeof triplets)[number]): number {
    const kinds = counts(anchor, to(anchor, positive));
    return (
      Math.min(8, kinds.filter((kind) => kind === 'hard').length) +
      Math.min(8, kinds.filter((kind) => kind === 'semi').length)
    );
  }
  if (!shown) throw new Error('No semi-hard triplet was found to draw.');
  const near = to(shown.anchor, shown.positive);
  const kindOf = counts(shown.anchor, near);
  const rows = labels.flatMap((_, i) =>
    i === shown.anchor ? [] : [{ x: to(shown.anchor, i), kind: kindOf[i] as string, i }],
  );
  const kinds = [
    { key: 'own', name: words.positives, colour: colours.same },
    { key: 'hard', name: words.hard, colour: colours.paper },
    { key: 'semi', name: words.semiHard, colour: colours.second },
    { key: 'easy', name: words.easy, colour: colours.grey },
  ];
  const colourOf = new Map(kinds.map(({ key, colour }) => [key, colour]));
  return svgOf({
    width: 760,
    height: 220,
    marginLeft: 20,
    x: { label: words.squared },
    y: { axis: null, domain: [0, 1] },
    color: { type: 'identity' },
    marks: [
      Plot.rect([0], { x1: () => near, x2: () => near + 0.2, y1: 0, y2: 1, fill: colours.second, fillOpacity: 0.12 }),
      Plot.text([0], { x: () => near + 0.1, y: 0.93, text: () => words.margin, fill: colours.second }),
      Plot.ruleX([near], { stroke: colours.same, strokeDasharray: '4 3' }),
      Plot.dot(rows, {
        x: 'x',
        y: ({ kind, i }) => (kind === 'own' ? 0.75 : 0.1 + 0.5 * ((i * 0.618) % 1)),
        fill: ({ kind }) => colourOf.get(kind) ?? '',
        fillOpacity: 0.75,
        r: 5,
      }),
      Plot.dot(
        rows.filter(({ i }) => i === shown.negative),
        { x: 'x', y: ({ i }) => 0.1 + 0.5 * ((i * 0.618) % 1), stroke: '#222', strokeWidth: 2, r: 9 },
      ),
      Plot.text(
        rows.filter(({ i }) => i === shown.negative),
        { x: 'x', y: ({ i }) => 0.1 + 0.5 * ((i * 0.618) % 1), text: () => words.selected, dy: -16 },
      ),
      legend(kinds),
    ],
  });
}

/** The loss and the active triplets, epoch by epoch. */
export function curvesFigures(epochs: readonly HeadEpoch[], words: Words): { loss: string; active: string } {
  const curve = (name: string, colour: string, value: (epoch: HeadEpoch) => number) =>
    linesPlot([{ name, colour, points: epochs.map((epoch) => ({ x: epoch.epoch, y: value(epoch) })) }], {
      width: 420,
      height: 260,
      x: { label: words.epoch },
      y: { label: null, zero: true },
    });
  return {
    loss: curve(words.loss, colours.ours, ({ loss }) => loss),
    active: curve(words.active, colours.paper, ({ triplets }) => triplets.active),
  };
}

/** All embeddings in the plane that they spread most in, before and after training: a colour a person. */
export function planeFigure(
  examples: readonly HeadExample[],
  epochs: readonly HeadEpoch[],
  best: number,
  words: Words,
): string {
  const people = [...new Set(examples.map(({ person }) => person))];
  const rows = [
    { title: words.untrained, plot: epochs[0]?.plot },
    { title: words.trained, plot: epochs[best]?.plot },
  ].flatMap(({ title, plot }) =>
    examples.map(({ person }, i) => ({
      title,
      person: people.indexOf(person),
      x: plot?.[2 * i] as number,
      y: plot?.[2 * i + 1] as number,
    })),
  );
  return svgOf({
    width: 860,
    height: 400,
    marginLeft: 20,
    x: { axis: null },
    y: { axis: null },
    fx: { label: null, domain: [words.untrained, words.trained] },
    color: { type: 'cyclical', scheme: 'sinebow', domain: [0, people.length] },
    marks: [
      Plot.frame({ stroke: '#ddd' }),
      Plot.line(rows, { x: 'x', y: 'y', fx: 'title', z: 'person', stroke: 'person', strokeOpacity: 0.3 }),
      Plot.dot(rows, { x: 'x', y: 'y', fx: 'title', fill: 'person', r: 4, fillOpacity: 0.8 }),
    ],
  });
}

/** The distances of pairs of one person and of two with a threshold, and the curve that all thresholds make. */
export function evaluationFigures(
  examples: readonly HeadExample[],
  head: Head,
  threshold: number,
  words: Words,
): { distances: string; roc: string } {
  const pairsOf = (faces: readonly HeadExample[]) =>
    scoredPairs(
      faces.map(({ embedding }) => embedding),
      faces.map(({ person }) => person),
    );
  const [before, after] = [pairsOf(examples), pairsOf(head.apply(examples))];
  const bin = 0.04;
  const bars = [true, false].flatMap((same) => {
    const list = before.filter((pair) => pair.same === same);
    const shares = new Map<number, number>();
    for (const { distance } of list) {
      const place = Math.floor(distance / bin);
      shares.set(place, (shares.get(place) ?? 0) + 100 / list.length);
    }
    const colour = same ? colours.same : colours.different;
    return [...shares].map(([place, share]) => ({ colour, x1: place * bin, x2: (place + 1) * bin, share }));
  });
  const curveOf = (pairs: typeof before) =>
    rocCurve(pairs)
      .filter(({ falseAcceptRate }) => falseAcceptRate > 0)
      .map(({ falseAcceptRate, validationRate }) => ({ x: 100 * falseAcceptRate, y: 100 * validationRate }));
  const curves = [
    { name: words.withoutHead, colour: colours.grey, points: curveOf(before) },
    { name: words.withHead, colour: colours.ours, points: curveOf(after) },
  ];
  return {
    distances: svgOf({
      width: 560,
      height: 280,
      x: { label: words.distance },
      y: { label: words.share, grid: true },
      color: { type: 'identity' },
      marks: [
        Plot.rect(bars, {
          x1: 'x1',
          x2: 'x2',
          y1: 0,
          y2: 'share',
          fill: 'colour',
          fillOpacity: (bar) => (bar.x1 + bin / 2 <= threshold ? 0.85 : 0.35),
        }),
        Plot.ruleX([threshold], { stroke: '#222', strokeDasharray: '4 3' }),
        Plot.text([threshold], {
          x: (d) => d,
          frameAnchor: 'top',
          text: () => words.threshold,
          dx: 6,
          textAnchor: 'start',
        }),
        legend([
          { name: words.truePairs, colour: colours.same },
          { name: words.falsePairs, colour: colours.different },
        ]),
      ],
    }),
    roc: svgOf({
      width: 560,
      height: 320,
      grid: true,
      x: { type: 'log', label: words.far, tickFormat: '~g' },
      y: { label: words.val, domain: [0, 100] },
      color: { type: 'identity' },
      marks: [
        ...curves.map(({ points, colour }) =>
          Plot.lineY(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, curve: 'step-after' }),
        ),
        legend(curves),
      ],
    }),
  };
}
