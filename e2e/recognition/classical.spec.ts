import { existsSync, readFileSync } from 'node:fs';
import type { Point } from '../../lib/index.ts';
import { knownFaces } from '../../scripts/detection/known-faces.ts';
import { expect, test } from '../support/library.ts';
import { isLong } from '../support/sampling.ts';

/** All six photos, or the three in which Viola–Jones finds most faces. */
const names = isLong ? Object.keys(knownFaces) : ['sample3.jpg', 'sample4.jpg', 'sample6.jpg'];

const cascade = '/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml';

test('Viola–Jones finds frontal faces with the cascade of OpenCV, which are then recognised', async ({
  sharedPage: page,
}) => {
  test.skip(!existsSync(cascade), 'the cascades of OpenCV are not installed (opencv-data of Debian)');
  const { found, models } = await page.evaluate(
    async ({ names, detectorModel }) => {
      const options = { models: '/models/', preset: 'fast' };
      const facenet = await library.FaceNet.load({ ...options, detector: 'viola-jones', detectorModel });
      const reference = await library.FaceNet.load(options);
      const found: Record<string, { box: DOMRectInit; same: boolean }[]> = {};
      for (const name of names) {
        const blob = await photo(`/photos/${name}`);
        const known = await reference.embed(blob, { minSize: 100 });
        const faces = await facenet.embed(blob, { thorough: false, minSize: 100 });
        found[name] = faces.map((face) => ({
          box: { ...face.box },
          same: known.some((other) => facenet.compare(face, other).same),
        }));
      }
      const { models } = facenet;
      await facenet.dispose();
      await reference.dispose();
      return { found, models };
    },
    { names, detectorModel: readFileSync(cascade, 'utf8') },
  );
  expect(models.detector).toBe('viola-jones');
  const all = Object.values(found).flat();
  const hits = names.flatMap((name) =>
    (knownFaces[name] ?? []).filter(({ rightEye, leftEye }) => {
      const { x, y } = (rightEye ?? leftEye) as Point;
      return found[name]?.some(({ box }) => {
        const { x: left = 0, y: top = 0, width = 0, height = 0 } = box;
        return x > left && y > top && x < left + width && y < top + height;
      });
    }),
  );
  // Of 22 faces, or of 11, it misses those that are rolled or turned. The landmarker drops false detections.
  expect(hits.length).toBeGreaterThanOrEqual(isLong ? 12 : 6);
  expect(all.length - hits.length).toBeLessThanOrEqual(2);
  expect(all.filter(({ same }) => same).length).toBeGreaterThanOrEqual(hits.length - 3);
});

test('rejects a classical detector without a valid model with option-invalid', async ({ sharedPage: page }) => {
  const codes = await page.evaluate(() =>
    Promise.all(
      [undefined, '', '<opencv_storage>', '{}'].map((detectorModel) => {
        const model = detectorModel !== undefined && { detectorModel };
        return codeOf(library.FaceNet.load({ models: '/models/', detector: 'viola-jones', ...model }));
      }),
    ),
  );
  expect(codes).toEqual(Array(4).fill('option-invalid'));
});

test('HOG and SVM learn from detected faces, and find other faces', async ({ sharedPage: page }) => {
  const result = await page.evaluate(
    async (names) => {
      const address = '/dist/training.js';
      const { trainHogSvm } = (await import(address)) as typeof import('../../lib/training/index.ts');
      const options = { models: '/models/', preset: 'fast' };
      const reference = await library.FaceNet.load(options);
      const pictures = [];
      for (const name of names) {
        const bitmap = await createImageBitmap(await photo(`/photos/${name}`));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context?.drawImage(bitmap, 0, 0);
        const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height) as ImageData;
        pictures.push({ pixels, faces: await reference.embed(pixels, { thorough: false, minSize: 100 }) });
      }
      const model = await trainHogSvm(pictures.slice(2));
      const detectorModel = JSON.stringify(model);
      const facenet = await library.FaceNet.load({ ...options, detector: 'hog-svm', detectorModel });
      let [known, found, recognised, wrong] = [0, 0, 0, 0];
      for (const { pixels, faces } of pictures.slice(0, 2)) {
        const again = await facenet.embed(pixels, { thorough: false, minSize: 100 });
        const near = (a: (typeof again)[number], b: (typeof again)[number]) =>
          Math.hypot(
            a.box.x + a.box.width / 2 - b.box.x - b.box.width / 2,
            a.box.y + a.box.height / 2 - b.box.y - b.box.height / 2,
          ) <
          b.box.width / 2;
        known += faces.length;
        for (const face of faces) {
          const match = again.find((other) => near(other, face));
          if (!match) continue;
          found++;
          if (facenet.compare(face, match).same) recognised++;
        }
        wrong += again.filter((face) => !faces.some((other) => near(face, other))).length;
      }
      await facenet.dispose();
      await reference.dispose();
      return { known, found, recognised, wrong, bytes: detectorModel.length };
    },
    ['sample3.jpg', 'sample6.jpg', 'sample1.jpg', 'sample2.jpg', 'sample4.jpg', 'sample5.jpg'],
  );
  test.info().annotations.push({ type: 'figures', description: JSON.stringify(result) });
  expect(result.known).toBe(7);
  // Fifteen faces are a small training set: it finds most frontal ones.
  expect(result.found, JSON.stringify(result)).toBeGreaterThanOrEqual(4);
  expect(result.recognised).toBeGreaterThanOrEqual(result.found - 1);
  expect(result.wrong).toBeLessThanOrEqual(2);
});
