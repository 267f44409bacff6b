import type { Page } from 'playwright/test';
import type { Point } from '../../lib/index.ts';
import { knownFaces } from '../../scripts/detection/known-faces.ts';
import { expect, test } from '../support/library.ts';
import { isLong, sampled } from '../support/sampling.ts';

type Box = { x: number; y: number; width: number; height: number };

/** The tolerated error of an eye, as a share of the width of the box: about a fifth of the distance of the eyes. */
const eyeTolerance = 0.09;

const names = Object.keys(knownFaces);

const contains = (box: Box, { x, y }: Point) =>
  x > box.x && y > box.y && x < box.x + box.width && y < box.y + box.height;

/** The boxes and eyes that a detector and a landmarker find in photos. */
function findEyes(page: Page, photos: string[], detector: string, landmarker: string) {
  return page.evaluate(
    async ({ photos, detector, landmarker }) => {
      const facenet = await library.FaceNet.load({ models: '/models/', detector, landmarker });
      const mean = (points: Point[], indices: number[]): Point => ({
        x: indices.reduce((sum, i) => sum + (points[i]?.x ?? Number.NaN), 0) / indices.length,
        y: indices.reduce((sum, i) => sum + (points[i]?.y ?? Number.NaN), 0) / indices.length,
      });
      const right = {
        'mesh-468': [33, 133],
        'ibug-68': [36, 39],
        'insightface-106': [35, 39],
        'points-5': [0],
        'dlib-5': [2, 3],
      };
      const left = {
        'mesh-468': [263, 362],
        'ibug-68': [42, 45],
        'insightface-106': [89, 93],
        'points-5': [1],
        'dlib-5': [0, 1],
      };
      const found: Record<string, { box: Box; rightEye: Point; leftEye: Point }[]> = {};
      for (const name of photos) {
        const blob = await photo(`/photos/${name}`);
        const faces = await facenet.landmarks(blob, await facenet.detect(blob));
        found[name] = faces.map(({ box, landmarks: { scheme, points } }) => ({
          box: { ...box },
          rightEye: mean(points, right[scheme]),
          leftEye: mean(points, left[scheme]),
        }));
      }
      await facenet.dispose();
      return found;
    },
    { photos, detector, landmarker },
  );
}

// The default networks on all photos, the others on a few; `npm run test:long` tests every pair on all.
for (const [detector, landmarker, count] of [
  ['blazeface-full', 'facemesh-468', 6],
  ['mediapipe-blazeface-full', 'face-api-68', 2],
  ...(isLong
    ? ([
        ['blazeface-full', 'face-api-68', 6],
        ['mediapipe-blazeface-full', 'facemesh-468', 6],
      ] as const)
    : []),
] as const) {
  test(`${detector} and ${landmarker} find each face of the photos once, and its eyes`, async ({
    sharedPage: page,
  }) => {
    const photos = sampled(names, count);
    const found = await findEyes(page, photos, detector, landmarker);
    for (const name of photos) {
      const known = knownFaces[name] ?? [];
      const faces = found[name] ?? [];
      expect(faces, name).toHaveLength(known.length);
      for (const { rightEye, leftEye } of known) {
        const eye = (rightEye ?? leftEye) as Point;
        const face = faces.find(({ box }) => contains(box, eye));
        expect(face, `${name}: a box around the eye at ${eye.x}, ${eye.y}`).toBeDefined();
        if (!face) continue;
        const { width } = face.box;
        if (rightEye && leftEye) {
          const distance = Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y);
          expect(width / distance, `${name}: the box is as large as the face`).toBeGreaterThan(1.6);
          expect(width / distance, `${name}: the box is as large as the face`).toBeLessThan(3.6);
        }
        for (const [side, at] of Object.entries({ rightEye, leftEye })) {
          if (!at) continue;
          const estimate = face[side as 'rightEye' | 'leftEye'];
          const error = Math.hypot(estimate.x - at.x, estimate.y - at.y) / width;
          expect(error, `${name}: ${side} at ${at.x}, ${at.y}`).toBeLessThan(eyeTolerance);
        }
      }
    }
  });
}

for (const [detector, maxMissed] of [
  ['ssd-mobilenet-v1', 0],
  ['tiny-yolo-v2', 2],
] as const) {
  test(`${detector} finds the faces of the photos, which are then recognised`, async ({ sharedPage: page }) => {
    const photos = sampled(names, 2);
    const { faces, models } = await page.evaluate(
      async ({ photos, detector }) => {
        const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast', detector });
        const reference = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
        const faces: { name: string; box: Box; same: boolean }[] = [];
        for (const name of photos) {
          const blob = await photo(`/photos/${name}`);
          const known = await reference.embed(blob, { minSize: 100 });
          for (const face of await facenet.embed(blob, { thorough: false, minSize: 100 })) {
            const same = known.some((other) => facenet.compare(face, other).same);
            faces.push({ name, box: { ...face.box }, same });
          }
        }
        const { models } = facenet;
        await facenet.dispose();
        await reference.dispose();
        return { faces, models };
      },
      { photos, detector },
    );
    expect(models.detector).toBe(detector);
    const known = photos.flatMap((name) => (knownFaces[name] ?? []).map((face) => ({ name, ...face })));
    const hits = known.filter(({ name, rightEye, leftEye }) =>
      faces.some((face) => face.name === name && contains(face.box, (rightEye ?? leftEye) as Point)),
    );
    expect(hits.length).toBeGreaterThanOrEqual(known.length - maxMissed);
    // The box of a large head may cover its upper half only, and miss the marked eye.
    expect(faces.length).toBeLessThanOrEqual(hits.length + 1);
    // The face in profile may not be recognised.
    expect(faces.filter(({ same }) => same).length).toBeGreaterThanOrEqual(hits.length - 1);
  });
}
