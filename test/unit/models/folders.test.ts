import { expect, test } from 'vitest';
import { modelFolders } from '../../../lib/models/folders.ts';

test('modelFolders() resolves URLs, adds a slash at the end and keeps queries and functions', () => {
  const readFile = async () => new ArrayBuffer(0);
  const folders = ['https://cdn.example/models', new URL('https://cdn.example/own/?token=a'), readFile];
  expect(modelFolders(folders)).toEqual(['https://cdn.example/models/', 'https://cdn.example/own/?token=a', readFile]);
  expect(modelFolders(readFile)).toEqual([readFile]);
});

test.each([null, 7, true, {}, Object.create(null), [], [null], [['https://cdn.example/']], { href: 7 }])(
  'modelFolders() throws option-invalid for %o',
  (folders) => {
    expect(() => modelFolders(folders as never)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  },
);
