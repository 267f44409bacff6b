import { exifTypes, withOrientation } from '../support/exif.ts';
import { expect, test } from '../support/library.ts';
import { loadFast } from '../support/loaded.ts';

/** How each EXIF orientation shows a stored picture: whether it is mirrored, and its rotation afterwards in degrees clockwise. */
const shown = [
  { orientation: 1, mirrored: false, rotation: 0 },
  { orientation: 2, mirrored: true, rotation: 0 },
  { orientation: 3, mirrored: false, rotation: 180 },
  { orientation: 4, mirrored: true, rotation: 180 },
  { orientation: 5, mirrored: true, rotation: 270 },
  { orientation: 6, mirrored: false, rotation: 90 },
  { orientation: 7, mirrored: true, rotation: 90 },
  { orientation: 8, mirrored: false, rotation: 270 },
];

test('turns JPEG, PNG and WebP files as each EXIF orientation states, and image elements as the browser shows them', async ({
  page,
}) => {
  await loadFast(page);
  const encoded = await page.evaluate(
    async ([shown, types]) => {
      const face = await createImageBitmap(still);
      const files: { type: (typeof types)[number]; orientation: number; base64: string }[] = [];
      for (const { orientation, mirrored, rotation } of shown) {
        const canvas = rotation % 180 === 0 ? new OffscreenCanvas(288, 240) : new OffscreenCanvas(240, 288);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        // Draws the picture of 288 × 240 pixels that is to be shown, with the face at the top left, as it is stored.
        context.translate(canvas.width / 2, canvas.height / 2);
        context.scale(mirrored ? -1 : 1, 1);
        context.rotate((-rotation * Math.PI) / 180);
        context.drawImage(face, -144, -120);
        for (const type of types) {
          const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer());
          files.push({ type, orientation, base64: btoa(String.fromCharCode(...bytes)) });
        }
      }
      return files;
    },
    [shown, exifTypes] as const,
  );
  const stored = encoded.map(({ type, orientation, base64 }) => {
    const file = withOrientation(type, Buffer.from(base64, 'base64'), orientation);
    return { name: `${type} ${orientation}`, type, base64: file.toString('base64') };
  });
  const { upright, files, elements } = await page.evaluate(async (stored) => {
    type Box = Awaited<ReturnType<typeof boxOf>>;
    const boxOf = async (source: Blob | HTMLImageElement | OffscreenCanvas, thorough = false) => {
      const [face] = await facenet.detect(source, { ...quick, thorough });
      const { x, y, width } = face?.box ?? { x: 0, y: 0, width: 0 };
      return { x, y, width, roll: face?.roll ?? 0 };
    };
    const canvas = new OffscreenCanvas(288, 240);
    (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).putImageData(still, 0, 0);
    const files: Record<string, Box> = {};
    const elements: Record<string, { element: Box; painted: Box }> = {};
    for (const { name, type, base64 } of stored) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const file = new File([bytes], name, { type });
      files[name] = await boxOf(file);
      if (!name.endsWith('6')) continue;
      const image = new Image();
      image.src = URL.createObjectURL(file);
      await image.decode();
      const painted = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      (painted.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(image, 0, 0);
      elements[name] = { element: await boxOf(image, true), painted: await boxOf(painted, true) };
    }
    return { upright: await boxOf(canvas), files, elements };
  }, stored);
  expect(upright.width).toBeGreaterThan(80);
  expect(Object.keys(files)).toHaveLength(24);
  for (const [name, { x, y, roll }] of Object.entries(files)) {
    // JPEG and WebP lose details.
    expect(Math.hypot(x - upright.x, y - upright.y), name).toBeLessThan(8);
    expect(Math.abs(roll - upright.roll), name).toBeLessThan(0.1);
  }
  expect(Object.keys(elements)).toHaveLength(3);
  for (const [name, { element, painted }] of Object.entries(elements)) {
    expect(element.width, name).toBeGreaterThan(80);
    expect(element, name).toEqual(painted);
  }
});
