import type { Portrait, Scene } from './altered-scenes.ts';
import { drawingNames } from './drawings.ts';
import { knownFaces } from './known-faces.ts';

/** A row of the table: its name and its scenes. */
export interface Row {
  name: string;
  scenes: Scene[];
}

/** The largest head in a plain picture, in pixels. */
const maxHead = 160;

/** The number of drawings of each kind. */
const seedCount = 6;

/** The pictures, in pixels, that are covered with heads, and the sides of the faces in them. */
const sheets: [width: number, height: number][] = [
  [320, 240],
  [480, 360],
  [640, 480],
  [720, 480],
  [960, 640],
  [1280, 960],
  [1920, 1280],
];
const sheetFaces = [25, 40, 60];

/** The faces of the sample photos whose eyes are both visible. @param folder the address of the photos. */
export function samplePortraits(folder: string): Portrait[] {
  return Object.entries(knownFaces).flatMap(([name, faces]) =>
    faces.flatMap(({ rightEye, leftEye }) =>
      rightEye && leftEye ? [{ address: `${folder}/${name}`, rightEye, leftEye }] : [],
    ),
  );
}

/** The scenes of the table, made of portraits. */
export function alteredRows(samples: readonly Portrait[], lfw: readonly Portrait[]): Row[] {
  const portraits = [...samples, ...lfw];
  const one = (kind: 'plain' | 'nose' | 'mouth' | 'masked', turn = 0): Scene[] =>
    portraits.map((portrait) => ({ kind, portraits: [portrait], turn }));
  // The smallest head has a face of `minSize`: a hundredth of the longer side of the picture.
  const distant = (minHead: number, width: number, height: number): Row => ({
    name: `head of ${minHead} to ${maxHead} pixels in ${width}×${height}`,
    scenes: portraits.map((portrait, i) => {
      const head = minHead + ((maxHead - minHead) * i) / portraits.length;
      return { kind: 'distant', portraits: [portrait], width, height, head };
    }),
  });
  const crowd = (width: number, height: number, face: number, minSize?: number): Row => ({
    name: `crowd in ${width}×${height}, faces of ${face} px${minSize ? `, minSize ${minSize}` : ''}`,
    scenes: [{ kind: 'sheet', portraits, width, height, face, ...(minSize && { minSize }) }],
  });
  const drawings = drawingNames.flatMap((name) =>
    Array.from({ length: seedCount }, (_, i): Scene => ({ kind: 'drawing', name, seed: i + 1, portraits: [] })),
  );
  return [
    { name: 'portraits', scenes: one('plain') },
    { name: 'cut at the mouth', scenes: one('mouth') },
    { name: 'cut at the nose', scenes: one('nose') },
    { name: 'drawn surgical mask', scenes: one('masked') },
    { name: 'turned by 90°', scenes: one('plain', 1) },
    { name: 'turned by 180°', scenes: one('plain', 2) },
    distant(60, 4000, 500),
    distant(90, 6000, 4000),
    ...sheets.flatMap(([width, height]) => sheetFaces.map((face) => crowd(width, height, face))),
    crowd(640, 480, 20, 20),
    crowd(1280, 960, 40, 40),
    { name: `${drawings.length} drawings without a face`, scenes: drawings },
  ];
}
