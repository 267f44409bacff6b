import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { namesRepository, repositoryFields, withAbsoluteLinks } from '../../../scripts/metadata/metadata.ts';

describe('the metadata for npm', () => {
  test('fills every field that names the repository from one name', () => {
    const placeholder = repositoryFields('OWNER/facenet-web');
    expect(manifest).toMatchObject(placeholder);
    expect(JSON.stringify({ ...manifest, ...repositoryFields('someone/faces') })).not.toContain('OWNER');
  });

  test('are recognised as set or not, which stops npm publish before they are', () => {
    expect(namesRepository(manifest)).toBe(false);
    expect(namesRepository(repositoryFields('someone/faces'))).toBe(true);
    expect(manifest.scripts.prepublishOnly).toContain('metadata/main.ts --check');
  });

  test('makes every link and picture of README.md absolute, and each refers to a file', () => {
    const readme = readFileSync('README.md', 'utf8');
    const absolute = withAbsoluteLinks(readme, 'someone/faces', 'v1.0.0');
    const targets = [...absolute.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
    const own = targets.filter((target) => target.startsWith('https://github.com/someone/faces/'));
    expect(own.length).toBeGreaterThan(20);
    for (const target of own) {
      const path = target
        .replace(/^https:\/\/github\.com\/someone\/faces\/(blob|raw)\/v1\.0\.0\//, '')
        .replace(/#.*/, '');
      expect(existsSync(path), target).toBe(true);
    }
  });
});
