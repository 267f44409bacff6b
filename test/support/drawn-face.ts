import { seeded } from '../../lib/core/random.ts';
import type { Landmarks, Pixels, Point } from '../../lib/core/types.ts';
import { apply } from '../../lib/image/affine.ts';
import type { QualityInput } from '../../lib/quality/components.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** How a drawn face differs from a good one. Positions are in pixels of the crop, whose side is 112. */
export interface Drawing {
  /** The distance of the lids, and of the lips. */
  eyeOpening?: number;
  mouthOpening?: number;
  /** The colour of a pixel instead of that of the face. */
  cover?: (point: Point) => Colour | undefined;
  /** A factor of the light at a pixel. */
  light?: (point: Point) => number;
  /** From a position in the crop to a position in the picture. */
  toPicture?: QualityInput['toPicture'];
  picture?: QualityInput['picture'];
}

const size = 112;
const skin: Colour = [196, 150, 128];
const eyes: readonly Point[] = [
  { x: 38.3, y: 51.6 },
  { x: 73.5, y: 51.6 },
];

/** A drawn frontal face with its 68 landmarks, in the crop of the template `arcface`. */
export function drawnFace(drawing: Drawing = {}): QualityInput {
  const { toPicture = { a: 2, b: 0, c: 0, d: 2, e: 60, f: 60 }, picture = { width: 360, height: 400 } } = drawing;
  const points = facePoints(drawing).map((point) => apply(toPicture, point));
  const landmarks: Landmarks = { scheme: 'ibug-68', points };
  return { landmarks, crop: drawnCrop(drawing), toPicture, picture };
}

/** The same face with the five points of MTCNN. */
export function withFivePoints(input: QualityInput): QualityInput {
  const { points } = input.landmarks;
  const at = (...indices: number[]): Point => ({
    x: indices.reduce((sum, i) => sum + (points[i] as Point).x / indices.length, 0),
    y: indices.reduce((sum, i) => sum + (points[i] as Point).y / indices.length, 0),
  });
  const five = [at(36, 39), at(42, 45), at(30), at(48), at(54)];
  return { ...input, landmarks: { scheme: 'points-5', points: five } };
}

/** Changes every pixel of a crop. `change` gets a channel's value, and the index of the pixel and of the channel. */
export function recoloured(crop: Pixels, change: (value: number, pixel: number, channel: number) => number): Pixels {
  const data = crop.data.map((value, i) => (i % 4 === 3 ? 255 : change(value, i >> 2, i % 4)));
  return { ...crop, data };
}

function facePoints({ eyeOpening = 4, mouthOpening = 2 }: Drawing): Point[] {
  const jaw = Array.from({ length: 17 }, (_, i) => ({
    x: 56 - 40 * Math.cos((i * Math.PI) / 16),
    y: 55 + 54 * Math.sin((i * Math.PI) / 16),
  }));
  const row = (xs: readonly number[], y: number) => xs.map((x) => ({ x, y }));
  const eye = ({ x, y }: Point): Point[] => [
    { x: x - 8, y },
    ...row([x - 3, x + 3], y - eyeOpening / 2),
    { x: x + 8, y },
    ...row([x + 3, x - 3], y + eyeOpening / 2),
  ];
  return [
    ...jaw,
    ...row([24, 29, 34, 40, 46], 42),
    ...row([66, 72, 78, 83, 88], 42),
    ...[54, 60, 66, 71].map((y) => ({ x: 56, y })),
    ...row([49, 52, 56, 60, 63], 76),
    ...eyes.flatMap(eye),
    { x: 41.5, y: 92 },
    ...row([46, 52, 56, 60, 66], 87),
    { x: 70.7, y: 92 },
    ...row([66, 60, 56, 52, 46], 98),
    { x: 44, y: 92 },
    ...row([51, 56, 61], 92 - mouthOpening / 2),
    { x: 68, y: 92 },
    ...row([61, 56, 51], 92 + mouthOpening / 2),
  ];
}

function drawnCrop({ cover = () => undefined, light = () => 1 }: Drawing): Pixels {
  const next = seeded(5);
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let i = 0; i < size * size; i++) {
    const point = { x: (i % size) + 0.5, y: Math.floor(i / size) + 0.5 };
    const grain = (next() - 0.5) * 30;
    const factor = light(point) * (1.15 - point.y / 400);
    const covered = cover(point);
    const colour = covered ?? faceColour(point);
    for (const channel of [0, 1, 2] as const) {
      data[4 * i + channel] = (colour[channel] + (covered ? grain / 5 : grain)) * factor;
    }
  }
  return { width: size, height: size, data };
}

function faceColour({ x, y }: Point): Colour {
  const within = (centre: Point, width: number, height: number) =>
    ((x - centre.x) / width) ** 2 + ((y - centre.y) / height) ** 2 < 1;
  for (const eye of eyes) {
    if (within(eye, 3, 3)) return [50, 35, 30];
    if (within(eye, 8, 3)) return [220, 210, 205];
    if (within({ x: eye.x, y: eye.y - 9 }, 11, 2)) return [70, 50, 40];
  }
  if (within({ x: 56, y: 92 }, 14, 1)) return [70, 30, 30];
  if (within({ x: 56, y: 92 }, 14, 5)) return [190, 90, 90];
  if (within({ x: 56, y: 50 }, 44, 62)) return skin;
  return [80, 90, 100];
}
