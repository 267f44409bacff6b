import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

test('reads the same pixels from every pixel format and colour space', { tag: '@page' }, async ({ page }) => {
  await loadFast(page);
  const differences = await page.evaluate(async () => {
    // TypeScript does not know the option yet.
    const floatImageData = (colorSpace: PredefinedColorSpace, data: ArrayLike<number>) => {
      const options = { pixelFormat: 'rgba-float16', colorSpace } as ImageDataSettings;
      const image = new ImageData(still.width, still.height, options);
      if (image.data instanceof Uint8ClampedArray) throw new Error('This browser has no floating-point ImageData.');
      (image.data as Uint8ClampedArray).set(Array.from(data, (value) => value / 255));
      return image;
    };
    const wide = new OffscreenCanvas(still.width, still.height);
    const context = wide.getContext('2d', { colorSpace: 'display-p3' }) as OffscreenCanvasRenderingContext2D;
    context.putImageData(still, 0, 0);
    const wideImageData = context.getImageData(0, 0, still.width, still.height);
    const beyond = floatImageData('srgb', still.data);
    for (let i = 0; i < beyond.data.length; i++) {
      if (still.data[i] === 255) beyond.data[i] = 1.5;
      if (still.data[i] === 0) beyond.data[i] = -0.5;
    }
    const sources = {
      'floating point': floatImageData('srgb', still.data),
      'floating point beyond 0 to 1': beyond,
      'Display P3': wideImageData,
      'Display P3 in floating point': floatImageData('display-p3', wideImageData.data),
      'a Display P3 canvas': wide,
    };
    const [face] = await facenet.detect(still, quick);
    if (!face) throw new Error('there was no face');
    const expected = (await facenet.align(still, face)).data;
    const differences: Record<string, number> = { stored: 0 };
    // The colours do differ as stored.
    for (const [i, value] of wideImageData.data.entries()) {
      differences.stored = Math.max(differences.stored as number, Math.abs(value - (still.data[i] as number)));
    }
    for (const [name, source] of Object.entries(sources)) {
      const { data } = await facenet.align(source, face);
      const sorted = Array.from(data, (value, i) => Math.abs(value - (expected[i] as number))).sort((a, b) => a - b);
      // Dark saturated colours lose more than others when 8 bits in another colour space are rounded twice.
      const rank = name.includes('P3') ? 0.99 : 1;
      differences[name] = sorted[Math.ceil(rank * sorted.length) - 1] as number;
      if ((await facenet.detect(source, quick)).length !== 1) throw new Error(`no face in ${name}`);
    }
    return differences;
  });
  expect(differences.stored).toBeGreaterThan(8);
  expect(differences['floating point']).toBe(0);
  expect(differences['floating point beyond 0 to 1']).toBe(0);
  for (const name of Object.keys(differences).filter((name) => name.includes('P3'))) {
    expect(differences[name], name).toBeLessThan(6);
  }
});

test('rejects an SVG without a size of its own with image-empty', { tag: '@page' }, async ({ sharedPage: page }) => {
  const outcomes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const svg = (attributes: string) => `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><circle r="9"/></svg>`;
    const outcomes: Record<string, string> = {};
    for (const attributes of ['', 'viewBox="0 0 9 9"', 'width="9"', 'width="0" height="0"', 'width="9" height="9"']) {
      const file = new Blob([svg(attributes)], { type: 'image/svg+xml' });
      const image = new Image();
      image.src = URL.createObjectURL(file);
      outcomes[attributes] = await codeOf(facenet.detect(image));
      outcomes.file = await codeOf(facenet.detect(file));
    }
    await facenet.dispose();
    return outcomes;
  });
  expect(outcomes).toEqual({
    '': 'image-empty',
    'viewBox="0 0 9 9"': 'image-empty',
    'width="9"': 'image-empty',
    'width="0" height="0"': 'image-empty',
    'width="9" height="9"': 'no error',
    file: 'image-unreadable',
  });
});
