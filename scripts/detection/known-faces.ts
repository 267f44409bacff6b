import type { Point } from '../../lib/index.ts';

/** A face labelled by hand: the centre of each visible eye. Left and right are the subject's. */
export interface KnownFace {
  rightEye?: Point;
  leftEye?: Point;
}

const eyes = (x1: number, y1: number, x2: number, y2: number): KnownFace => ({
  rightEye: { x: x1, y: y1 },
  leftEye: { x: x2, y: y2 },
});

/** Every clearly visible face of the six sample photos of @vladmandic/face-api. Two faces of the second have one visible eye. */
export const knownFaces: Record<string, KnownFace[]> = {
  'sample1.jpg': [eyes(441, 451, 518, 458), eyes(1557, 278, 1618, 337), eyes(870, 554, 947, 520)],
  'sample2.jpg': [eyes(1481, 282, 1570, 253), { leftEye: { x: 414, y: 246 } }, { rightEye: { x: 950, y: 338 } }],
  'sample3.jpg': [eyes(1117, 319, 1219, 340), eyes(634, 431, 729, 434), eyes(1550, 410, 1657, 403)],
  'sample4.jpg': [
    eyes(709, 147, 781, 189),
    eyes(320, 317, 394, 286),
    eyes(1013, 284, 1080, 291),
    eyes(1318, 228, 1381, 264),
  ],
  'sample5.jpg': [
    eyes(844, 191, 922, 206),
    eyes(1440, 510, 1524, 490),
    eyes(422, 991, 522, 977),
    eyes(1151, 295, 1231, 292),
    eyes(685, 512, 751, 514),
  ],
  'sample6.jpg': [
    eyes(1229, 425, 1328, 429),
    eyes(320, 609, 424, 594),
    eyes(707, 452, 804, 446),
    eyes(1542, 373, 1631, 394),
  ],
};
