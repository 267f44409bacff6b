import type { Point } from '../../lib/index.ts';
import { knownFaces } from '../../scripts/detection/known-faces.ts';
import { expect, test } from '../support/library.ts';

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

for (const [detector, found] of [
  ['ssd-mobilenet-v1', 22],
  ['tiny-yolo-v2', 20],
] as const) {
  test(`${detector} finds ${found} of the 22 faces, and what it finds can be recognised`, async ({ page }) => {
    const result = await page.evaluate(
      async ({ names, detector }) => {
        const facenet = await library.FaceNet.load({ models: '/models/', detector });
        const reference = await library.FaceNet.load({ models: '/models/' });
        const faces: { name: string; box: DOMRectInit; same: boolean }[] = [];
        for (const name of names) {
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
      { names: Object.keys(knownFaces), detector },
    );
    expect(result.models.detector).toBe(detector);
    const hits = Object.entries(knownFaces).flatMap(([name, known]) =>
      known.filter(({ rightEye, leftEye }) =>
        result.faces.some((face) => face.name === name && within((rightEye ?? leftEye) as Point, face.box)),
      ),
    );
    expect(hits.length).toBeGreaterThanOrEqual(found);
    // A large head may be framed by its upper half, with the hand-marked eye just outside.
    expect(result.faces.length, 'hardly anything else is found').toBeLessThanOrEqual(hits.length + 1);
    // The one whose side only is seen may not be.
    expect(result.faces.filter(({ same }) => same).length).toBeGreaterThanOrEqual(hits.length - 1);
  });
}
