import type { Point } from '../lib/index.ts';
import { expect, test } from './library.ts';

/** A face by hand: the middle of each visible eye, read off the photo under a grid. Left and right are the subject's. */
interface KnownFace {
  rightEye?: Point;
  leftEye?: Point;
}

const eyes = (x1: number, y1: number, x2: number, y2: number): KnownFace => ({
  rightEye: { x: x1, y: y1 },
  leftEye: { x: x2, y: y2 },
});

/** Every clearly visible face of the six photos. In the second one is a profile and one has an eye under her hair. */
const knownFaces: Record<string, KnownFace[]> = {
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

/** How far a landmark may be from where the eye is, as a share of the box's width: about a fifth of the eyes' distance. */
const eyeTolerance = 0.09;

for (const detector of ['mediapipe-blazeface-full', 'blazeface-full']) {
  for (const landmarker of ['facemesh-468', 'face-api-68']) {
    test(`${detector} and ${landmarker} find every face and its eyes in the six photos`, async ({ page }) => {
      const found = await page.evaluate(
        async ({ names, detector, landmarker }) => {
          const facenet = await library.FaceNet.load({ models: '/models/', detector, landmarker });
          const middle = (points: Point[], indices: number[]): Point => ({
            x: indices.reduce((sum, i) => sum + (points[i]?.x ?? Number.NaN), 0) / indices.length,
            y: indices.reduce((sum, i) => sum + (points[i]?.y ?? Number.NaN), 0) / indices.length,
          });
          const right = { 'mesh-468': [33, 133], 'ibug-68': [36, 39] };
          const left = { 'mesh-468': [263, 362], 'ibug-68': [42, 45] };
          const result: Record<string, { box: DOMRectInit; rightEye: Point; leftEye: Point }[]> = {};
          for (const name of names) {
            const blob = await photo(`/photos/${name}`);
            const faces = await facenet.landmarks(blob, await facenet.detect(blob));
            result[name] = faces.map(({ box, landmarks: { scheme, points } }) => ({
              box: { ...box },
              rightEye: middle(points, right[scheme]),
              leftEye: middle(points, left[scheme]),
            }));
          }
          await facenet.dispose();
          return result;
        },
        { names: Object.keys(knownFaces), detector, landmarker },
      );

      for (const [name, known] of Object.entries(knownFaces)) {
        const faces = found[name] ?? [];
        expect(faces, `${name}: each face once, and nothing else`).toHaveLength(known.length);
        for (const { rightEye, leftEye } of known) {
          const seen = (rightEye ?? leftEye) as Point;
          const face = faces.find(({ box }) => within(seen, box));
          expect(face, `${name}: a box around the eye at ${seen.x}, ${seen.y}`).toBeDefined();
          if (!face) continue;
          const width = face.box.width as number;
          if (rightEye && leftEye) {
            const distance = Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y);
            expect(width / distance, `${name}: the box is as large as the face`).toBeGreaterThan(1.6);
            expect(width / distance, `${name}: the box is as large as the face`).toBeLessThan(3.6);
          }
          for (const eye of ['rightEye', 'leftEye'] as const) {
            const at = { rightEye, leftEye }[eye];
            if (!at) continue;
            const off = Math.hypot(face[eye].x - at.x, face[eye].y - at.y) / width;
            expect(off, `${name}: ${eye} at ${at.x}, ${at.y}`).toBeLessThan(eyeTolerance);
          }
        }
      }
    });
  }
}

function within({ x, y }: Point, { x: left = 0, y: top = 0, width = 0, height = 0 }: DOMRectInit): boolean {
  return x > left && y > top && x < left + width && y < top + height;
}
