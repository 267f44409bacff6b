import type { LandmarkedFace, Verdict } from '../../lib/index.ts';
import { at, element, label } from './svg.ts';

/** A face with its aligned crop as a data URL. */
export type PicturedFace = LandmarkedFace & { crop: string };

/** The faces of one photo, one face of another photo, and the comparison of each with it. */
export interface PictureData {
  known: PicturedFace[];
  probe: PicturedFace;
  verdicts: Verdict[];
}

/** A part of a photo: the point of the photo at its upper left corner, and its place in the picture. */
interface Panel {
  photo: string;
  left: number;
  top: number;
  scale: number;
  x: number;
  width: number;
}

interface Person {
  name: string;
  colour: string;
}

const margin = 20;
const panelHeight = 346;
const cropSide = 144;
const rowTop = 2 * margin + panelHeight;

/** Size of the picture in pixels. */
export const size = { width: 1280, height: rowTop + cropSide + margin };

const people: readonly Person[] = [
  { name: 'Eileen', colour: '#6cc4ff' },
  { name: 'Grace', colour: '#ffb454' },
  { name: 'Ada', colour: '#5ee6a8' },
];
const ink = { background: '#11151c', text: '#f2f5f9', muted: '#9aa7b8' };

const left: Panel = { photo: 'portraits.jpg', left: 0, top: 0, scale: 832 / 1200, x: margin, width: 832 };
const right: Panel = { photo: 'friends-costumes.jpg', left: 695, top: 45, scale: 0.96, x: 872, width: 388 };

/** Draws the picture of README.md. The photos are read from /photos/. */
export function readmePicture({ known, probe, verdicts }: PictureData): string {
  const best = verdicts.indexOf(verdicts.reduce((a, b) => (b.distance < a.distance ? b : a)));
  const match = people[best] as Person;
  const cards = known.map((face, i) => {
    const { distance, same } = verdicts[i] as Verdict;
    const lines = [`distance ${distance.toFixed(2)}`, same ? 'match' : 'no match'];
    return at(margin + i * 284, rowTop, card(face, people[i] as Person, lines));
  });
  const { distance, threshold, probability } = verdicts[best] as Verdict;
  const lines = [
    `distance ${distance.toFixed(2)}`,
    `threshold ${threshold.toFixed(2)}`,
    `probability ${(Math.floor(probability * 10_000) / 100).toFixed(2)} %`,
  ];
  const content = [
    element('rect', { ...size, fill: ink.background }),
    panelOf(left, known, people),
    panelOf(right, [probe], [match]),
    ...cards,
    at(right.x, rowTop, card(probe, match, lines)),
  ];
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...size }, content.join(''));
}

/** A part of a photo with boxes, landmarks and names. */
function panelOf(panel: Panel, faces: readonly PicturedFace[], names: readonly Person[]): string {
  const { photo, left, top, scale, x, width } = panel;
  const view = `scale(${scale}) translate(${-left} ${-top})`;
  const image = element('image', { href: `/photos/${photo}`, transform: view });
  const marks = faces.map((face, i) => markedFace(face, names[i] as Person, panel));
  const clip = `clip-${photo}`;
  const shape = element('clipPath', { id: clip }, element('rect', { width, height: panelHeight, rx: 12 }));
  return at(x, margin, shape + element('g', { 'clip-path': `url(#${clip})` }, image + marks.join('')));
}

/** Box, landmarks and name of a face, in the coordinates of its panel. */
function markedFace(
  { box, roll, landmarks }: PicturedFace,
  { name, colour }: Person,
  { left, top, scale }: Panel,
): string {
  const centre = { x: (box.x + box.width / 2 - left) * scale, y: (box.y + box.height / 2 - top) * scale };
  const [width, height] = [box.width * scale, box.height * scale];
  const dots = landmarks.points.map((point) =>
    element('circle', { cx: (point.x - left) * scale, cy: (point.y - top) * scale, r: 0.9, fill: 'white' }),
  );
  const frame = element('rect', {
    x: -width / 2,
    y: -height / 2,
    width,
    height,
    rx: 8,
    fill: 'none',
    stroke: colour,
    'stroke-width': 3,
  });
  const tagWidth = 20 + 10.5 * name.length;
  const tag = [
    element('rect', { x: -width / 2 - 1.5, y: -height / 2 - 32, width: tagWidth, height: 26, rx: 6, fill: colour }),
    label(-width / 2 - 1.5 + tagWidth / 2, -height / 2 - 13, name, {
      'font-size': 17,
      'font-weight': 700,
      'text-anchor': 'middle',
      fill: ink.background,
    }),
  ];
  const turn = `translate(${centre.x} ${centre.y}) rotate(${(roll * 180) / Math.PI})`;
  return element('g', { opacity: 0.75 }, dots.join('')) + element('g', { transform: turn }, frame + tag.join(''));
}

/** The aligned crop of a face with text beside it. */
function card({ crop }: PicturedFace, { name, colour }: Person, lines: readonly string[]): string {
  const shape = { width: cropSide, height: cropSide, rx: 10 };
  const textX = cropSide + 16;
  const textY = cropSide / 2 - 12 * lines.length + 12;
  return [
    element('image', { href: crop, width: cropSide, height: cropSide, style: 'clip-path: inset(0 round 10px)' }),
    element('rect', { ...shape, fill: 'none', stroke: colour, 'stroke-width': 3 }),
    label(textX, textY, name, { 'font-size': 26, 'font-weight': 700, fill: colour }),
    ...lines.map((line, i) =>
      label(textX, textY + 30 + 24 * i, line, { 'font-size': 17, fill: i === 0 ? ink.text : ink.muted }),
    ),
  ].join('');
}
