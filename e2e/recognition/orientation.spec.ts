import type { Page } from 'playwright/test';
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

/** A file as a page gets it. */
interface StoredFile {
  type: (typeof exifTypes)[number];
  orientation: number;
  base64: string;
}

/** Files of the same picture for the given orientations: 288 × 240 pixels with a face at the top left, once they are turned. */
async function orientedFiles(page: Page, orientations: typeof shown): Promise<StoredFile[]> {
  const encoded = await page.evaluate(
    async ([orientations, types]) => {
      const face = await createImageBitmap(still);
      const files: StoredFile[] = [];
      for (const { orientation, mirrored, rotation } of orientations) {
        const canvas = rotation % 180 === 0 ? new OffscreenCanvas(288, 240) : new OffscreenCanvas(240, 288);
        const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
        // Draws the picture as it is stored.
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
    [orientations, exifTypes] as const,
  );
  return encoded.map(({ type, orientation, base64 }) => {
    const file = withOrientation(type, Buffer.from(base64, 'base64'), orientation);
    return { type, orientation, base64: file.toString('base64') };
  });
}

test('turns JPEG, PNG and WebP files as each EXIF orientation states, and image elements as the browser shows them', async ({
  page,
}) => {
  await loadFast(page);
  const stored = (await orientedFiles(page, shown)).map((file) => ({
    name: `${file.type} ${file.orientation}`,
    ...file,
  }));
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

test('<face-net> shows oriented files upright, with the boxes on the faces, whatever their type', async ({ page }) => {
  await loadFast(page);
  const files = await orientedFiles(
    page,
    shown.filter(({ orientation }) => orientation === 2 || orientation === 6),
  );
  const sources = files.flatMap((file) => {
    const types = file.type === 'image/webp' ? [file.type, 'application/octet-stream', ''] : [file.type];
    return types.map((type) => ({ name: `${file.type} ${file.orientation} as "${type}"`, type, base64: file.base64 }));
  });
  const { results, upright } = await page.evaluate(async (sources) => {
    const address = '/dist/element.js';
    await import(address);
    // Inherited by the element's picture unless its style sheet sets it.
    document.body.style.imageOrientation = 'none';
    const element = document.createElement('face-net');
    element.models = '/models/';
    element.preset = 'fast';
    document.body.append(element);
    const faceOf = async (painted: OffscreenCanvas) => {
      const [face] = await facenet.detect(painted, { ...quick, thorough: true });
      return face ? [face.box.x, face.box.y, face.box.width] : [];
    };
    const results = [];
    for (const { name, type, base64 } of sources) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const ended = new Promise<void>((resolve, reject) => {
        element.addEventListener('faces', () => resolve(), { once: true });
        element.addEventListener('error', ({ detail }) => reject(detail), { once: true });
      });
      element.source = new Blob([bytes], { type });
      await ended;
      const root = element.shadowRoot as ShadowRoot;
      const picture = root.querySelector('img, canvas') as HTMLImageElement | HTMLCanvasElement;
      const [shown, mark] = [picture, root.querySelector('.face') as Element].map((each) =>
        each.getBoundingClientRect(),
      ) as [DOMRect, DOMRect];
      const painted = new OffscreenCanvas(shown.width, shown.height);
      painted.getContext('2d')?.drawImage(picture, 0, 0, painted.width, painted.height);
      results.push({
        name,
        size: [shown.width, shown.height],
        label: picture instanceof HTMLImageElement ? picture.alt : `${picture.role}: ${picture.ariaLabel}`,
        face: await faceOf(painted),
        mark: [mark.x - shown.x, mark.y - shown.y, mark.width],
      });
    }
    element.remove();
    const upright = new OffscreenCanvas(288, 240);
    upright.getContext('2d')?.putImageData(still, 0, 0);
    return { results, upright: await faceOf(upright) };
  }, sources);
  expect(results).toHaveLength(10);
  expect(upright).toHaveLength(3);
  for (const { name, size, label, face, mark } of results) {
    expect(size, name).toEqual([288, 240]);
    expect(label, name).toBe(name.startsWith('image/webp') ? 'img: 1 face' : '1 face');
    for (const [i, length] of upright.entries()) {
      expect(Math.abs((face[i] ?? 0) - length), `${name}: the face`).toBeLessThan(8);
      expect(Math.abs((mark[i] ?? 0) - length), `${name}: its box`).toBeLessThan(8);
    }
  }
});
