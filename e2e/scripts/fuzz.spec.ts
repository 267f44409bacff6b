import { seeded } from '../../lib/core/random.ts';
import { declareSize, insertExif, seeds } from '../../scripts/fuzz/images.ts';
import { fuzz, regressions, targetNames } from '../../scripts/fuzz/run.ts';
import { toBase64 } from '../../scripts/fuzz/target.ts';
import { expect, test } from '../support/library.ts';
import { isLong } from '../support/sampling.ts';

test('no fuzzing target fails on the stored cases or on new cases of a fixed seed', async () => {
  const reports = await fuzz(isLong ? 60 : 5, 1);
  expect(regressions().length).toBeGreaterThan(0);
  expect(Object.keys(reports)).toEqual(targetNames);
  for (const [name, { cases, findings }] of Object.entries(reports)) {
    expect(
      findings.map(({ seed, what }) => `${name} ${seed}: ${what}`),
      name,
    ).toEqual([]);
    expect(cases, name).toBeGreaterThan(0);
  }
});

/** Unusual but complete images, with their file in test/fuzz/seeds/. */
const complete = {
  'animated GIF': 'animated.gif',
  'animated WebP': 'animated.webp',
  'CMYK JPEG': 'cmyk.jpg',
  'progressive JPEG': 'progressive.jpg',
  '16-bit PNG': 'deep.png',
  'PNG with alpha': 'alpha.png',
  'one pixel': 'pixel.png',
  'GIF with a palette': 'palette.gif',
  'WebP with loss': 'lossy.webp',
  AVIF: 'small.avif',
  BMP: 'map.bmp',
  icon: 'icon.ico',
};

test('finds no face in hostile images, or rejects them with a code', async ({ sharedPage: page }) => {
  const seed = (wanted: string) => seeds.find(({ name }) => name === wanted)?.bytes ?? new Uint8Array();
  const exif = Array.from({ length: 20 }, (_, i) => insertExif(seeded(i), seed('rgb.jpg')));
  const images: Record<string, Uint8Array[]> = {
    ...Object.fromEntries(Object.entries(complete).map(([name, file]) => [name, [seed(file)]])),
    'corrupt Exif': exif,
    'huge declared size': [
      [0xffffffff, 0xffffffff],
      [0x7fffffff, 0x7fffffff],
      [65_535, 65_535],
      [1, 0x7fffffff],
    ].map(([width, height]) => declareSize(seed('alpha.png'), width as number, height as number)),
    'no size': [declareSize(seed('alpha.png'), 0, 0)],
    'truncated header': seeds.map(({ bytes }) => bytes.subarray(0, 20)),
    truncated: seeds.map(({ bytes }) => bytes.subarray(0, bytes.length / 2)),
    empty: [new Uint8Array()],
  };
  const given = Object.fromEntries(Object.entries(images).map(([name, files]) => [name, files.map(toBase64)]));
  const outcomes = await page.evaluate(async (given) => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const outcomes: Record<string, string> = {};
    for (const [name, files] of Object.entries(given)) {
      const found = new Set<string>();
      for (const base64 of files) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        try {
          const faces = await facenet.embed(new Blob([bytes]), { thorough: false, minSize: 30 });
          found.add(`${faces.length} faces`);
        } catch (error) {
          found.add(error instanceof library.FaceNetError ? error.code : String(error));
        }
      }
      outcomes[name] = [...found].sort().join(', ');
    }
    await facenet.dispose();
    return outcomes;
  }, given);
  expect(outcomes).toEqual({
    ...Object.fromEntries(Object.keys(complete).map((name) => [name, '0 faces'])),
    // With a wrong length of the Exif segment the rest of the file cannot be read.
    'corrupt Exif': '0 faces, image-unreadable',
    'huge declared size': 'image-unreadable',
    'no size': 'image-unreadable',
    'truncated header': 'image-unreadable',
    // Browsers show a picture up to its end.
    truncated: '0 faces, image-unreadable',
    empty: 'image-empty',
  });
});
