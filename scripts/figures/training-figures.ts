import * as Plot from '@observablehq/plot';
import type { HeadEpoch, HeadExample } from '../../lib/training/index.ts';
import { colours, linesPlot, svgOf } from '../kit/plots.ts';
import type { FigureText } from './figure-text.ts';

/** The mean loss and the number of active triplets by epoch. */
export function curvesFigures(epochs: readonly HeadEpoch[], text: FigureText): { loss: string; active: string } {
  const curve = (name: string, colour: string, value: (epoch: HeadEpoch) => number) =>
    linesPlot([{ name, colour, points: epochs.map((epoch) => ({ x: epoch.epoch, y: value(epoch) })) }], {
      width: 420,
      height: 260,
      x: { label: text.epoch },
      y: { label: null, zero: true },
    });
  return {
    loss: curve(text.loss, colours.ours, ({ loss }) => loss),
    active: curve(text.active, colours.paper, ({ triplets }) => triplets.active),
  };
}

/** The embeddings on their first two principal components, before and after training. Each person has a colour. */
export function planeFigure(
  examples: readonly HeadExample[],
  epochs: readonly HeadEpoch[],
  best: number,
  text: FigureText,
): string {
  const people = [...new Set(examples.map(({ person }) => person))];
  const rows = [
    { title: text.untrained, plot: epochs[0]?.plot },
    { title: text.trained, plot: epochs[best]?.plot },
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
    fx: { label: null, domain: [text.untrained, text.trained] },
    color: { type: 'cyclical', scheme: 'sinebow', domain: [0, people.length] },
    marks: [
      Plot.frame({ stroke: '#ddd' }),
      Plot.line(rows, { x: 'x', y: 'y', fx: 'title', z: 'person', stroke: 'person', strokeOpacity: 0.3 }),
      Plot.dot(rows, { x: 'x', y: 'y', fx: 'title', fill: 'person', r: 4, fillOpacity: 0.8 }),
    ],
  });
}
