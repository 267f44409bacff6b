import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referenceFolder, storedDlibNumbers } from '../../test/support/classical-reference.ts';
import { runNode } from '../support/command.ts';
import { expect, test } from '../support/library.ts';

const numbers = storedDlibNumbers();
const command = fileURLToPath(new URL('../../dist/bin/facenet-web.js', import.meta.url));
const reference = (name: string) => fileURLToPath(new URL(`../../${referenceFolder}/${name}`, import.meta.url));

test("stages of dlib's files, added by the command, give dlib's boxes, points and chips in the page", async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'facenet-web-dlib-'));
  for (const name of ['tiny.svm', 'tiny.dat']) {
    const added = await runNode(command, 'add-model', reference(name), '--out', folder);
    expect(added.code, added.stderr).toBe(0);
  }
  await page.route('**/dlib-files/**', (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^.*\/dlib-files\//, '');
    return route.fulfill({ body: readFileSync(path === 'photo.png' ? reference(path) : join(folder, path)) });
  });

  const found = await page.evaluate(
    async ({ boxes, points5 }) => {
      const facenet = await library.FaceNet.load({
        models: ['/dlib-files/', '/models/'],
        preset: 'fast',
        detector: 'dlib-hog',
        landmarker: 'dlib-5',
      });
      const blob = await (await fetch('/dlib-files/photo.png')).blob();
      const detected = await facenet.detect(blob, { minSize: 40, minScore: 1 / (1 + Math.exp(0.5)) });
      const faces = boxes.map(([left, top, right, bottom]) => ({
        box: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
        score: 1,
        roll: 0,
      }));
      const landmarked = await facenet.landmarks(blob, faces);
      const landmarks = { scheme: 'dlib-5' as const, points: points5.map(([x, y]) => ({ x, y })) };
      const chip = await facenet.align(
        blob,
        { ...(faces[0] as (typeof faces)[number]), landmarks },
        { template: 'dlib-chip', size: 150 },
      );
      await facenet.dispose();
      return {
        boxes: detected.map(({ box }) => [box.x, box.y, box.x + box.width - 1, box.y + box.height - 1]),
        scores: detected.map(({ score }) => Math.log(score / (1 - score))),
        points: landmarked.map((face) => face.landmarks.points.map(({ x, y }) => [x, y])),
        chip: [...chip.data],
      };
    },
    { boxes: numbers.faces.map(({ box }) => box), points5: numbers.faces[0]?.points5 as [number, number][] },
  );
  rmSync(folder, { recursive: true });

  expect(found.boxes).toEqual(numbers.tiny.map(({ box }) => box));
  found.scores.forEach((score, i) => {
    expect(score).toBeCloseTo(numbers.tiny[i]?.score as number, 2);
  });
  expect(found.points).toEqual(numbers.faces.map(({ tiny }) => tiny));
  const samples: number[] = [];
  for (let y = 0; y < 150; y += 10) {
    for (let x = 0; x < 150; x += 10) samples.push(...found.chip.slice((y * 150 + x) * 4, (y * 150 + x) * 4 + 3));
  }
  const differences = samples.map((value, i) => Math.abs(value - (numbers.faces[0]?.chip5[i] as number)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
});
