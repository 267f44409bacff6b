import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, FaceNetError, type FaceNetErrorCode } from '../../../lib/core/errors.ts';

describe('FaceNetError', () => {
  test.each(Object.keys(errorCodes) as FaceNetErrorCode[])('has the code %s, its message and no cause', (code) => {
    const error = new FaceNetError(code, 'Do this.');
    expect(error).toBeInstanceOf(FaceNetError);
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(code);
    expect(String(error)).toBe('FaceNetError: Do this.');
    expect(error.cause).toBeUndefined();
    expect(errorCodes[code]).toMatch(/\S.*\.$/);
  });

  test('keeps its cause, of any type', () => {
    for (const cause of [new TypeError('deep'), 'text', null]) {
      expect(new FaceNetError('image-unreadable', 'Do this.', { cause }).cause).toBe(cause);
    }
  });

  test('is thrown with each code of the list, and with no other', () => {
    const root = resolve(import.meta.dirname, '../../..');
    const used = ['lib', 'cli']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
      )
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/new FaceNetError\(\s*'([a-z-]+)'/g)])
      .map(([, code]) => code);
    expect([...new Set(used)].sort()).toEqual(Object.keys(errorCodes).sort());
  });
});
