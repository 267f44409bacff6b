/** How a sample photo is made from another photo. */
export interface Recipe {
  /** The name of the file in demo/samples/, without extension. */
  name: string;
  /** The photo to cut from, relative to the repository. */
  source: string;
  /** The part to keep: x, y, width and height, in pixels. */
  crop: readonly [number, number, number, number];
  /** The width of the result, in pixels. */
  width: number;
  /** Whether to exchange left and right. */
  mirrored?: boolean;
  /** A CSS filter. */
  filter?: string;
  /** The quality of the JPEG, from 0 to 1. */
  quality: number;
}

const faceApi = 'node_modules/@vladmandic/face-api/demo';
const human = 'node_modules/@vladmandic/human/assets';

/**
 * The photos that `npm run samples` makes. The group photos keep heads and shoulders. The other portraits of the astronaut and of
 * the officer are made from the same photo, because no second photo of them comes with a package.
 */
export const recipes: readonly Recipe[] = [
  {
    name: 'astronaut-dim',
    source: 'demo/samples/astronaut.jpg',
    crop: [96, 0, 280, 260],
    width: 420,
    mirrored: true,
    filter: 'brightness(0.55) saturate(0.8) hue-rotate(-8deg)',
    quality: 0.7,
  },
  {
    name: 'officer-print',
    source: 'demo/samples/officer.jpg',
    crop: [70, 0, 400, 420],
    width: 320,
    filter: 'grayscale(1) sepia(0.35) contrast(0.85) blur(0.7px)',
    quality: 0.55,
  },
  {
    name: 'man-webcam',
    source: `${human}/screenshot-faceid.jpg`,
    crop: [14, 142, 139, 139],
    width: 278,
    quality: 0.85,
  },
  {
    name: 'man-suit',
    source: `${human}/screenshot-facematch.jpg`,
    crop: [497, 27, 104, 104],
    width: 260,
    quality: 0.85,
  },
  {
    name: 'man-indoors',
    source: `${human}/screenshot-facematch.jpg`,
    crop: [4, 27, 163, 164],
    width: 326,
    quality: 0.85,
  },
  // Unlike the man's other photos: the Photos view asks whether it shows him.
  {
    name: 'man-sunglasses',
    source: `${human}/screenshot-facematch.jpg`,
    crop: [112, 410, 100, 80],
    width: 300,
    filter: 'brightness(1.3)',
    quality: 0.85,
  },
  { name: 'friends-bar', source: `${faceApi}/sample3.jpg`, crop: [400, 40, 1480, 660], width: 1100, quality: 0.82 },
  {
    name: 'friends-costumes',
    source: `${faceApi}/sample1.jpg`,
    crop: [300, 110, 1500, 670],
    width: 1100,
    quality: 0.82,
  },
  // The woman on the right resembles others: the Photos view asks about her, too.
  { name: 'friends-party', source: `${faceApi}/sample4.jpg`, crop: [60, 0, 900, 560], width: 900, quality: 0.82 },
  { name: 'friends-window', source: `${faceApi}/sample6.jpg`, crop: [130, 120, 1700, 680], width: 1200, quality: 0.82 },
];

/** The photos side by side in `portraits.jpg`, the first picture of the demo: name and the part to show, in pixels. */
export const portraits: readonly { source: string; crop: Recipe['crop'] }[] = [
  { source: 'demo/samples/astronaut.jpg', crop: [50, 0, 340, 425] },
  { source: 'demo/samples/officer.jpg', crop: [60, 10, 400, 500] },
  { source: `${faceApi}/sample3.jpg`, crop: [950, 60, 448, 560] },
];
