import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { photoAddress } from '../../../demo/app/photo-address.ts';
import { decodeImage } from '../../../lib/image/decode-image.ts';
import { sidewaysWebp, stubChromiumImages, webpBytes } from '../../support/webp.ts';

const shown = vi.fn(() => 'blob:1');

beforeEach(() => {
  stubChromiumImages();
  vi.spyOn(URL, 'createObjectURL').mockImplementation(shown);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  shown.mockClear();
});

test.each(['image/webp', 'application/octet-stream', ''])(
  'a sideways WebP file of type "%s" is decoded upright, and shown so by image elements',
  async (type) => {
    const file = new Blob([sidewaysWebp()], { type });
    const bitmap = await decodeImage(file);
    expect(bitmap).toMatchObject({ width: 300, height: 400 });
    await photoAddress(file, bitmap);
    expect(shown).not.toHaveBeenCalledWith(file);
    const [[copy]] = shown.mock.calls as unknown as [[Blob]];
    expect(await copy.text()).toBe('300 × 400');
  },
);

test('a file that browsers show as they decode it is shown itself', async () => {
  const bytes = webpBytes([], [400, 300]);
  bytes.write('JPEG');
  const file = new Blob([bytes], { type: 'image/jpeg' });
  await photoAddress(file, await decodeImage(file));
  expect(shown).toHaveBeenCalledWith(file);
});
