import { tripletObjective } from '../../lib/training/head/triplet-objective.ts';
import { colours } from '../kit/plots.ts';
import type { FigureText } from './figure-text.ts';
import { at, drawing, element, label } from './svg.ts';

/** The radius of the unit circle in the figure, in pixels. */
const radius = 120;

/** The angles of the anchor, the positive and the negative. */
type Angles = [anchor: number, positive: number, negative: number];

/**
 * Gradient descent on the triplet loss: three embeddings on the unit circle move until the negative is further from the
 * anchor than the positive by the margin.
 */
export function tripletFigure(text: FigureText): string {
  const history = descend([0.6, 2.3, 0.1]);
  const [first, last] = [history[0], history.at(-1)] as [Angles, Angles];
  const title = `${text.after(history.length - 1)}, ${text.margin}`;
  return drawing(
    860,
    370,
    at(200, 190, circle(first, text.before, [], text)) + at(610, 190, circle(last, title, history, text)),
  );
}

/** Follows the gradient of the library's loss along the circle until the loss is 0. */
function descend(start: Angles): Angles[] {
  const compute = tripletObjective({ mining: { negatives: 'hardest' } }, () => 0);
  const labels = [1, 1, 2];
  let angles = start;
  const history = [angles];
  for (let step = 0; step < 400; step++) {
    const units = angles.map((angle) => Float64Array.of(Math.cos(angle), Math.sin(angle)));
    const { loss, gradients } = compute(units, labels);
    if (loss === 0) break;
    angles = angles.map((angle, i) => {
      const [dx = 0, dy = 0] = gradients[i] ?? [];
      return angle - 0.005 * (dy * Math.cos(angle) - dx * Math.sin(angle));
    }) as Angles;
    history.push(angles);
  }
  return history;
}

/** Draws one state. @param trail earlier states, drawn as the paths of the points. */
function circle(angles: Angles, title: string, trail: readonly Angles[], text: FigureText): string {
  const kinds = [
    { name: text.anchor, colour: '#222' },
    { name: text.positive, colour: colours.same },
    { name: text.negative, colour: colours.different },
  ];
  const [a, p, n] = angles.map(position) as [Position, Position, Position];
  const distance = (end: Position) => (((a.x - end.x) ** 2 + (a.y - end.y) ** 2) / radius ** 2).toFixed(2);
  const points = angles.map((angle, i) => {
    const { name, colour } = kinds[i] as (typeof kinds)[number];
    const { x, y } = position(angle);
    const path = trail.length > 0 ? trailOf(trail, i, colour) : '';
    const point = element('circle', { cx: x, cy: y, r: 7, fill: colour });
    return `${path}${point}${label(1.12 * x, 1.12 * y + 4, name, { fill: colour, 'font-weight': 600 })}`;
  });
  return [
    element('circle', { r: radius, fill: 'none', stroke: '#bbb' }),
    dashedLine(a, p, colours.same),
    dashedLine(a, n, colours.different),
    ...points,
    label(0, -radius - 34, title, { 'text-anchor': 'middle', 'font-weight': 600, 'font-size': 14 }),
    label(0, radius + 36, `‖a − p‖² = ${distance(p)},  ‖a − n‖² = ${distance(n)}`, { 'text-anchor': 'middle' }),
  ].join('');
}

interface Position {
  x: number;
  y: number;
}

function position(angle: number): Position {
  return { x: radius * Math.cos(angle), y: -radius * Math.sin(angle) };
}

function dashedLine(from: Position, to: Position, stroke: string): string {
  const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  return element('line', { ...ends, stroke, 'stroke-width': 2, 'stroke-dasharray': '5 4' });
}

function trailOf(trail: readonly Angles[], i: number, stroke: string): string {
  const points = trail
    .map((angles) => position(angles[i] as number))
    .map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`);
  return element('polyline', {
    points: points.join(' '),
    fill: 'none',
    stroke,
    'stroke-width': 4,
    'stroke-opacity': 0.35,
  });
}
