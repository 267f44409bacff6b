import { alignment } from '../../lib/alignment/align.ts';
import { templates } from '../../lib/alignment/templates.ts';
import { euclideanDistance } from '../../lib/comparison/distance.ts';
import { apply, invert } from '../../lib/image/affine.ts';
import type { LandmarkedFace } from '../../lib/index.ts';
import { colours } from '../kit/plots.ts';
import type { FigureText } from './figure-text.ts';
import type { SampleFaces } from './sample-faces.ts';
import { at, drawing, element, label } from './svg.ts';

/** The side of a panel, in pixels. */
const side = 190;

/**
 * The five steps of the pipeline on one of the sample photos, without its pixels.
 *
 * @param threshold the maximum distance of two faces of the same person.
 */
export function stepsFigure({ photo, examples, states }: SampleFaces, threshold: number, text: FigureText): string {
  // The face with the largest roll shows the effect of alignment best.
  const face = [...photo.faces].sort((a, b) => Math.abs(b.roll) - Math.abs(a.roll))[0] as LandmarkedFace;
  const panels: [string, string, string][] = [
    [text.detection, detection(photo, face), text.boxes(photo.faces.length)],
    [text.landmarks, landmarks(face), text.points(face.landmarks.points.length)],
    [text.alignment, aligned(face), text.onTemplate],
    [text.embedding, embedding(examples[0]?.embedding as Float32Array), text.numbers],
    [text.comparison, comparison(examples, states, threshold, text), text.distances],
  ];
  const content = panels.map(([title, panel, caption], i) =>
    at(
      10 + i * (side + 14),
      34,
      `${label(0, -12, title, { 'font-weight': 600, 'font-size': 14 })}${element('rect', { width: side, height: side, fill: '#f4f4f4' })}${panel}${label(0, side + 18, caption, { fill: '#555' })}`,
    ),
  );
  return drawing(10 + panels.length * (side + 14), side + 66, content.join(''));
}

function detection({ width, height, faces }: SampleFaces['photo'], shown: LandmarkedFace): string {
  const scale = side / Math.max(width, height);
  const [left, top] = [(side - width * scale) / 2, (side - height * scale) / 2];
  const boxes = faces.map((face) =>
    element('rect', {
      x: face.box.x * scale,
      y: face.box.y * scale,
      width: face.box.width * scale,
      height: face.box.height * scale,
      fill: face === shown ? '#cfe6f5' : 'none',
      stroke: colours.ours,
      'stroke-width': 1.5,
    }),
  );
  return at(
    left,
    top,
    `${element('rect', { width: width * scale, height: height * scale, fill: '#ddd' })}${boxes.join('')}`,
  );
}

/** The landmarks of a face in the photo, with its box. */
function landmarks({ box, landmarks }: LandmarkedFace): string {
  const scale = side / (1.5 * Math.max(box.width, box.height));
  const place = ({ x, y }: { x: number; y: number }) => ({
    x: side / 2 + (x - box.x - box.width / 2) * scale,
    y: side / 2 + (y - box.y - box.height / 2) * scale,
  });
  const corner = place(box);
  const frame = element('rect', {
    ...corner,
    width: box.width * scale,
    height: box.height * scale,
    fill: 'none',
    stroke: colours.ours,
  });
  return `${frame}${dots(landmarks.points.map(place))}`;
}

/** The same points after the similarity transform, with the template's five points. */
function aligned({ landmarks }: LandmarkedFace): string {
  const toCrop = invert(alignment(landmarks, 'arcface', side));
  const anchors = Object.values(templates.arcface).map(({ x, y }) =>
    element('circle', { cx: x * side, cy: y * side, r: 5, fill: 'none', stroke: colours.paper, 'stroke-width': 2 }),
  );
  return `${dots(landmarks.points.map((point) => apply(toCrop, point)))}${anchors.join('')}`;
}

function dots(points: readonly { x: number; y: number }[]): string {
  return points
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= side && y <= side)
    .map(({ x, y }) => element('circle', { cx: x, cy: y, r: 0.9, fill: '#333' }))
    .join('');
}

function embedding(vector: Float32Array): string {
  const max = Math.max(...vector.map(Math.abs));
  const width = side / vector.length;
  return [...vector]
    .map((value, i) => {
      const height = (Math.abs(value) / max) * (side / 2 - 8);
      const y = value > 0 ? side / 2 - height : side / 2;
      return element('rect', { x: i * width, y, width: width * 0.8, height, fill: colours.ours });
    })
    .join('');
}

/** The distances of the first face to all others, and to itself in another state, on an axis. */
function comparison(examples: SampleFaces['examples'], states: number, threshold: number, text: FigureText): string {
  const [first] = examples as [SampleFaces['examples'][number]];
  const others = examples.filter((_, i) => i % states === 0 && i > 0);
  const blurred = examples[2] as typeof first;
  const x = (distance: number) => 10 + (distance / 1.1) * (side - 20);
  const mark = (distance: number, y: number, fill: string) =>
    element('circle', { cx: x(distance), cy: y, r: 5, fill, 'fill-opacity': 0.55 });
  const line = (from: [number, number], to: [number, number], dashes = 'none') =>
    element('line', { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: '#222', 'stroke-dasharray': dashes });
  const same = euclideanDistance(first.embedding, blurred.embedding);
  return [
    line([10, 120], [side - 10, 120]),
    line([x(threshold), 60], [x(threshold), 130], '4 3'),
    label(x(threshold), 52, `${text.threshold} ${threshold.toFixed(2)}`, { 'text-anchor': 'middle', 'font-size': 11 }),
    mark(same, 120, colours.same),
    label(10, 92, text.same, { 'font-size': 11, fill: colours.same }),
    ...others.map(({ embedding }) => mark(euclideanDistance(first.embedding, embedding), 120, colours.different)),
    label(10, 146, '0', { 'font-size': 11 }),
    label(side - 10, 146, '1.1', { 'font-size': 11, 'text-anchor': 'end' }),
  ].join('');
}
