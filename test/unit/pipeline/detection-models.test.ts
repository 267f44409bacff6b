import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Manifest } from '../../../lib/models/manifest.ts';
import type { ModelStore } from '../../../lib/models/store.ts';
import { chooseModels, detectionModels } from '../../../lib/pipeline/chosen-models.ts';
import type { LoadOptions } from '../../../lib/pipeline/options.ts';

const manifest: Manifest = JSON.parse(readFileSync('public/models/manifest.json', 'utf8'));
const files = [{ path: 'file', bytes: 1, sha256: 'ab'.repeat(32) }];
const store = {
  presets: () => manifest.presets ?? [],
  fusions: () => manifest.fusions ?? [],
  classical: () => [
    { name: 'cascade', kind: 'cascade', files },
    { name: 'forest', kind: 'shape-predictor', files },
  ],
  models: (task: string) => manifest.models.filter((model) => model.task === task),
} as unknown as ModelStore;

/** `blazeface-short` is the refinement of `blazeface-full`, which replaces MediaPipe where that does not start. */
test.for<[LoadOptions, string[]]>([
  [{}, ['blazeface-full', 'blazeface-short', 'facemesh-468']],
  [{ detector: 'mtcnn', landmarker: 'detector' }, ['mtcnn', 'mtcnn-rnet', 'mtcnn-onet']],
  [
    { detector: 'mediapipe-blazeface-full' },
    ['mediapipe-blazeface-full', 'blazeface-full', 'blazeface-short', 'facemesh-468'],
  ],
  [{ detector: 'cascade', landmarker: 'forest' }, ['cascade', 'forest']],
])('the models that find faces and landmarks with %j', async ([options, names]) => {
  const models = detectionModels(await chooseModels(store, options));
  expect(models.map(({ name }) => name)).toEqual(names);
  for (const { files } of models) expect(files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
});
