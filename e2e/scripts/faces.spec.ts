import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import type { FacesReport } from '../../scripts/faces/report.ts';
import { samplePhotos } from '../../scripts/kit/paths.ts';
import { runScript } from '../support/command.ts';

/** Runs `npm run --silent faces` without its set-up. */
const faces = (...args: string[]) => runScript('scripts/faces/main.ts', ...args);

const photo = join(samplePhotos, 'sample1.jpg');

test('faces --json prints every face of each photo, and an error for what is no photo, as JSON alone', async () => {
  const drawing = test.info().outputPath('drawing.png');
  const { code, stdout, stderr } = await faces(photo, 'package.json', 'none.jpg', '--json', '--draw', drawing);
  expect(code, stderr).toBe(1);
  const report: FacesReport = JSON.parse(stdout);
  expect(Object.keys(report)).toEqual(['photos', 'backend', 'models']);
  expect(report.backend).toBe('wasm');
  expect(report.models).toEqual({ detector: 'blazeface-full', landmarker: 'facemesh-468', embedder: 'mobilefacenet' });
  const [found, unreadable, missing] = report.photos;
  expect(found).toMatchObject({ file: photo, width: 1920, height: 1280 });
  expect(found?.faces).toHaveLength(3);
  for (const face of found?.faces ?? []) {
    expect(face).toMatchObject({
      box: { x: expect.any(Number), y: expect.any(Number), width: expect.any(Number), height: expect.any(Number) },
      score: expect.any(Number),
      roll: expect.any(Number),
      keypoints: { rightEye: { x: expect.any(Number), y: expect.any(Number) } },
      landmarks: { scheme: 'mesh-468' },
      model: 'mobilefacenet',
      quality: { overall: expect.any(Number) },
    });
    expect('landmarks' in face && face.landmarks.points).toHaveLength(468);
    expect('landmarks' in face && face.landmarks.points[0]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(face.embedding.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4);
  }
  expect(unreadable).toMatchObject({ file: 'package.json', error: { code: 'image-unreadable' } });
  expect(missing).toMatchObject({ file: 'none.jpg', error: { code: 'image-unreadable' } });
  const drawn = readFileSync(drawing.replace('.png', '-1.png'));
  expect([drawn.readUInt32BE(16), drawn.readUInt32BE(20)], 'the size of the PNG').toEqual([1920, 1280]);
});

test('faces takes models of several folders, and embeds aligned crops as they are', async () => {
  const folder = test.info().outputPath('models');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: 1, models: [], engines: [] }));
  const { code, stdout, stderr } = await faces(photo, '--models', folder, '--crop', '--json', '--preset', 'fast');
  expect(code, stderr).toBe(0);
  const { photos }: FacesReport = JSON.parse(stdout);
  expect(photos).toMatchObject([{ width: 1920, height: 1280, faces: [{ model: 'mobilefacenet' }] }]);
  expect(Object.keys(photos[0]?.faces?.[0] ?? {})).toEqual(['embedding', 'model']);
});

test('faces names the detectors that there are when it does not know one', async () => {
  const { code, stdout, stderr } = await faces(photo, '--detector', 'yunet');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('"blazeface-full"');
});
