import * as Plot from '@observablehq/plot';
import { squaredDistance } from '../../lib/core/vectors.ts';
import { type HeadExample, selectTriplets } from '../../lib/training/index.ts';
import { colours, legend, svgOf } from '../kit/plots.ts';
import type { FigureText } from './figure-text.ts';

/** The margin of the triplet loss. */
const margin = 0.2;

/** A face relative to the anchor: of the same person, or a negative by its distance. */
type Kind = 'own' | 'hard' | 'semi' | 'easy';

/** The triplet to draw, and every face except the anchor by its squared distance to the anchor. */
interface Selection {
  negative: number;
  /** The squared distance of the positive. */
  near: number;
  rows: { x: number; kind: Kind; i: number }[];
}

/** The faces around an anchor by squared distance, and the semi-hard negative that is selected. */
export function selectionFigure(examples: readonly HeadExample[], text: FigureText): string {
  const { negative, near, rows } = chooseTriplet(examples);
  const kinds: { key: Kind; name: string; colour: string }[] = [
    { key: 'own', name: text.positives, colour: colours.same },
    { key: 'hard', name: text.hard, colour: colours.paper },
    { key: 'semi', name: text.semiHard, colour: colours.second },
    { key: 'easy', name: text.easy, colour: colours.grey },
  ];
  const colourOf = new Map(kinds.map(({ key, colour }) => [key, colour]));
  // Spreads the negatives vertically, evenly and the same in every run (golden ratio).
  const heightOf = (i: number) => 0.1 + 0.5 * ((i * 0.618) % 1);
  const selected = rows.filter(({ i }) => i === negative);
  return svgOf({
    width: 760,
    height: 220,
    marginLeft: 20,
    x: { label: text.squared },
    y: { axis: null, domain: [0, 1] },
    color: { type: 'identity' },
    marks: [
      Plot.rect([0], { x1: () => near, x2: () => near + 0.2, y1: 0, y2: 1, fill: colours.second, fillOpacity: 0.12 }),
      Plot.text([0], { x: () => near + 0.1, y: 0.93, text: () => text.margin, fill: colours.second }),
      Plot.ruleX([near], { stroke: colours.same, strokeDasharray: '4 3' }),
      Plot.dot(rows, {
        x: 'x',
        y: ({ kind, i }) => (kind === 'own' ? 0.75 : heightOf(i)),
        fill: ({ kind }) => colourOf.get(kind) ?? '',
        fillOpacity: 0.75,
        r: 5,
      }),
      Plot.dot(selected, { x: 'x', y: ({ i }) => heightOf(i), stroke: '#222', strokeWidth: 2, r: 9 }),
      Plot.text(selected, { x: 'x', y: ({ i }) => heightOf(i), text: () => text.selected, dy: -16 }),
      legend(kinds),
    ],
  });
}

/** The triplet with the most hard and semi-hard negatives, up to eight of each. */
function chooseTriplet(examples: readonly HeadExample[]): Selection {
  const [vectors, labels] = [examples.map(({ embedding }) => embedding), examples.map(({ person }) => person)];
  const distance = (a: number, b: number) => squaredDistance(vectors[a] as Float32Array, vectors[b] as Float32Array);
  const kindsOf = (anchor: number, near: number): Kind[] =>
    labels.map((person, i) => {
      if (person === labels[anchor]) return 'own';
      if (distance(anchor, i) <= near) return 'hard';
      return distance(anchor, i) < near + margin ? 'semi' : 'easy';
    });
  const score = ({ anchor, positive }: { anchor: number; positive: number }) => {
    const kinds = kindsOf(anchor, distance(anchor, positive));
    const count = (kind: Kind) => Math.min(8, kinds.filter((each) => each === kind).length);
    return count('hard') + count('semi');
  };
  const [triplet] = selectTriplets(vectors, labels).sort((x, y) => score(y) - score(x));
  if (!triplet) throw new Error('There is no semi-hard triplet to draw.');
  const { anchor, positive, negative } = triplet;
  const near = distance(anchor, positive);
  const rows = kindsOf(anchor, near).flatMap((kind, i) => (i === anchor ? [] : [{ x: distance(anchor, i), kind, i }]));
  return { negative, near, rows };
}
