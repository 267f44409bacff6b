import { describe, expect, test } from 'vitest';
import { mmodDetector } from '../../../../../lib/detection/networks/mmod/mmod-detector.ts';
import { pixelPicture } from '../../../../../lib/image/pixel-picture.ts';
import type { MmodHead } from '../../../../../lib/models/manifest.ts';

/** The geometry of mmod_human_face_detector.dat. */
const head: MmodHead = {
  type: 'mmod',
  windows: [{ width: 80, height: 80 }],
  padding: 10,
  outerPadding: 11,
  stride: 8,
  offset: 14,
  maxOverlap: 0.338,
  maxCovered: 0.556,
};

describe('the CNN detector of dlib', () => {
  /** Searches an enlarged picture, and stops where the network is loaded. */
  const search = (width: number, height: number, minSize: number) => {
    const loaded = new Error('the network is loaded');
    const detector = mmodDetector(() => Promise.reject(loaded), 'dlib-mmod', head);
    const picture = pixelPicture({ width: 8, height: 6, data: new Uint8ClampedArray(8 * 6 * 4) });
    const toSource = { a: 8 / width, b: 0, c: 0, d: 6 / height, e: 0, f: 0 };
    return detector.search(picture, { width, height, toSource }, minSize);
  };

  test('refuses a picture that is too large when doubled, before it doubles it or loads a network', async () => {
    await expect(search(4000, 3000, 20)).rejects.toMatchObject({ code: 'option-invalid' });
  });

  test('searches a smaller one', async () => {
    await expect(search(640, 480, 40)).rejects.toThrow('the network is loaded');
  });
});
