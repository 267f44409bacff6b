import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../lib/models/manifest.ts';
import { copyCommand, shippedModels } from '../../../lib/models/shipped-models.ts';
import { byName } from '../../../lib/pipeline/options.ts';

const manifest: Manifest = JSON.parse(readFileSync('public/models/manifest.json', 'utf8'));

describe('the models of the package', () => {
  test('are those of the manifest', () => {
    const namesOf = (task: string) => manifest.models.filter((model) => model.task === task).map(({ name }) => name);
    const fusions = (manifest.fusions ?? []).map(({ name }) => name);
    expect({ ...shippedModels }).toEqual({
      preset: manifest.presets?.map(({ name }) => name),
      detector: namesOf('detection'),
      landmarker: namesOf('landmarks'),
      embedder: [...namesOf('embedding'), ...fusions],
    });
  });

  test('have a command that copies them', () => {
    const names = [...manifest.models, ...(manifest.fusions ?? [])].map(({ name }) => name);
    for (const name of names) {
      expect(copyCommand(name)).toBe(`npx facenet-web copy-models public/models --model ${name}`);
    }
    expect(copyCommand('accurate')).toBe('npx facenet-web copy-models public/models --preset accurate');
    expect(copyCommand('retinaface')).toBeUndefined();
  });

  test('that a folder does not have are model-missing, with the command', () => {
    const list = [{ name: 'blazeface-full' }];
    expect(() => byName('detector', list, 'mtcnn')).toThrow(
      expect.objectContaining({
        code: 'model-missing',
        message: expect.stringContaining('"npx facenet-web copy-models public/models --model mtcnn"'),
      }),
    );
  });
});
