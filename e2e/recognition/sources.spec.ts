import type { Page } from 'playwright/test';
import { expect, test } from '../support/library.ts';

/** Loads a FaceNet in the page and keeps it there for the test. */
async function load(page: Page): Promise<void> {
  await page.evaluate(async () => {
    globalThis.facenet = await library.FaceNet.load({ models: '/models/' });
  });
}

declare global {
  var facenet: import('../../lib/index.ts').FaceNet;
}

test('every kind of source gives the same faces', async ({ page }) => {
  await load(page);
  const found = await page.evaluate(async () => {
    const blob = await photo('/photos/sample1.jpg');
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(width, height);
    (offscreen.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(bitmap, 0, 0);
    const frame = new VideoFrame(bitmap, { timestamp: 0 });

    const recorded = canvas.captureStream(0);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: recorded });
    const playing = video.play();
    (recorded.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack).requestFrame();
    await playing;

    const sources = {
      Blob: blob,
      File: new File([blob], 'photo.jpg', { type: 'image/jpeg' }),
      HTMLImageElement: image,
      HTMLCanvasElement: canvas,
      OffscreenCanvas: offscreen,
      ImageBitmap: bitmap,
      ImageData: context.getImageData(0, 0, width, height),
      VideoFrame: frame,
      HTMLVideoElement: video,
    };
    const result: Record<string, { x: number; y: number; width: number; distance: number }[]> = {};
    const reference = await facenet.embed(blob);
    for (const [kind, source] of Object.entries(sources)) {
      const faces = await facenet.embed(source, { thorough: true, minSize: 20 });
      result[kind] = faces.map((face, i) => ({
        ...face.box,
        distance: facenet.compare(face, reference[i] ?? face).distance,
      }));
    }
    const open = bitmap.width > 0 && frame.displayWidth > 0;
    frame.close();
    await facenet.dispose();
    return { result, open };
  });
  expect(found.open, "the caller's bitmap and frame are not closed").toBe(true);
  const reference = found.result.Blob ?? [];
  expect(reference).toHaveLength(3);
  for (const [kind, faces] of Object.entries(found.result)) {
    expect(faces, kind).toHaveLength(3);
    for (const [i, { x, y, distance }] of faces.entries()) {
      // A video's frame has been through colour conversion, so that it is not the same to the last bit.
      expect(Math.hypot(x - (reference[i]?.x ?? 0), y - (reference[i]?.y ?? 0)), `${kind}, face ${i}`).toBeLessThan(8);
      expect(distance, `${kind}, face ${i}`).toBeLessThan(0.15);
    }
  }
});

test('a photo is turned as its EXIF orientation says', async ({ page }) => {
  await load(page);
  const boxes = await page.evaluate(async () => {
    const bitmap = await createImageBitmap(await photo('/photos/sample3.jpg'));
    // The picture stored on its side, as a phone stores it, with the note that it is to be shown turned clockwise.
    const side = new OffscreenCanvas(bitmap.height, bitmap.width);
    const context = side.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.rotate(-Math.PI / 2);
    context.translate(-bitmap.width, 0);
    context.drawImage(bitmap, 0, 0);
    const jpeg = new Uint8Array(await (await side.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer());
    const orientation = [0xff, 0xe1, 0, 34, 69, 120, 105, 102, 0, 0, 77, 77, 0, 42, 0, 0, 0, 8];
    const entry = [0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const exif = new Uint8Array([...orientation, ...entry]);
    const turned = new Blob([jpeg.subarray(0, 2), exif, jpeg.subarray(2)], { type: 'image/jpeg' });
    const upright = await facenet.detect(bitmap);
    const fromExif = await facenet.detect(turned);
    await facenet.dispose();
    return { upright: upright.map(({ box }) => ({ ...box })), fromExif: fromExif.map(({ box }) => ({ ...box })) };
  });
  expect(boxes.upright).toHaveLength(3);
  expect(boxes.fromExif).toHaveLength(3);
  for (const box of boxes.upright) {
    const nearest = Math.min(...boxes.fromExif.map(({ x, y }) => Math.hypot(x - box.x, y - box.y)));
    expect(nearest).toBeLessThan(box.width / 10);
  }
});

test('a 12-megapixel photo and a thumbnail of 32 pixels both behave', async ({ page }) => {
  await load(page);
  const found = await page.evaluate(async () => {
    const bitmap = await createImageBitmap(await photo('/photos/sample6.jpg'));
    const large = new OffscreenCanvas(4000, 3000);
    const scale = Math.min(4000 / bitmap.width, 3000 / bitmap.height);
    const context = large.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0, bitmap.width * scale, bitmap.height * scale);
    const small = new OffscreenCanvas(32, 32);
    const face = (await facenet.detect(bitmap))[0] as import('../../lib/index.ts').Face;
    const { x, y, width, height } = face.box;
    const thumbnail = small.getContext('2d') as OffscreenCanvasRenderingContext2D;
    thumbnail.imageSmoothingQuality = 'high';
    thumbnail.drawImage(bitmap, x - width / 4, y - height / 4, width * 1.5, height * 1.5, 0, 0, 32, 32);
    const inLarge = await facenet.embed(await large.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
    const inSmall = await facenet.embed(small);
    const inOnePixel = await facenet.embed(new ImageData(1, 1));
    const known = await facenet.embed(bitmap, face);
    const distances = inLarge.map((other) => facenet.compare(known, other).distance);
    await facenet.dispose();
    return {
      large: inLarge.length,
      closest: Math.min(...distances),
      small: inSmall.map(({ box }) => ({ ...box })),
      onePixel: inOnePixel.length,
    };
  });
  expect(found.large).toBe(4);
  expect(found.closest).toBeLessThan(0.25);
  expect(found.small).toHaveLength(1);
  expect(found.small[0]?.width).toBeGreaterThan(10);
  expect(found.onePixel).toBe(0);
});

test('a picture without a face is an empty list', async ({ page }) => {
  await load(page);
  const counts = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    const black = await facenet.detect(canvas);
    context.fillStyle = 'green';
    context.fillRect(0, 0, 640, 480);
    const noise = context.getImageData(0, 0, 640, 480);
    for (let i = 0; i < noise.data.length; i++) noise.data[i] = i % 4 === 3 ? 255 : (i * 7919) % 256;
    const counts = [black.length, (await facenet.embed(canvas)).length, (await facenet.embed(noise)).length];
    await facenet.dispose();
    return counts;
  });
  expect(counts).toEqual([0, 0, 0]);
});

test('what cannot be read is told with a code', async ({ page }) => {
  await load(page);
  const codes = await page.evaluate(async () => {
    const closedBitmap = await createImageBitmap(new ImageData(4, 4));
    closedBitmap.close();
    const closedFrame = new VideoFrame(await createImageBitmap(new ImageData(4, 4)), { timestamp: 0 });
    closedFrame.close();
    const brokenImage = new Image();
    brokenImage.src = 'data:image/png;base64,AAAA';
    await brokenImage.decode().catch(() => {});
    const bad: Record<string, unknown> = {
      text: new Blob(['no picture'], { type: 'image/jpeg' }),
      'empty blob': new Blob([]),
      'truncated header': new Blob([new Uint8Array([0xff, 0xd8, 0xff])]),
      'broken image': brokenImage,
      'empty canvas': new OffscreenCanvas(0, 0),
      'video without a frame': document.createElement('video'),
      'closed bitmap': closedBitmap,
      'closed frame': closedFrame,
      string: '/photos/sample1.jpg',
      null: null,
      object: { width: 4, height: 4 },
    };
    const codes: Record<string, string> = {};
    for (const [what, source] of Object.entries(bad)) {
      codes[what] = await facenet.detect(source as Blob).then(
        () => 'no error',
        (error) => (error instanceof library.FaceNetError ? error.code : String(error)),
      );
    }
    await facenet.dispose();
    return codes;
  });
  expect(codes).toEqual({
    text: 'image-unreadable',
    'empty blob': 'image-empty',
    'truncated header': 'image-unreadable',
    'broken image': 'image-unreadable',
    'empty canvas': 'image-empty',
    'video without a frame': 'video-not-ready',
    'closed bitmap': 'bitmap-detached',
    'closed frame': 'bitmap-detached',
    string: 'image-type',
    null: 'image-type',
    object: 'image-type',
  });
});

test('an option or a face that is none is told with a code', async ({ page }) => {
  await load(page);
  const codes = await page.evaluate(async () => {
    const blob = await photo('/photos/sample1.jpg');
    const [face] = await facenet.detect(blob);
    if (!face) throw new Error('there was no face');
    const none = undefined as never;
    const calls: (() => Promise<unknown>)[] = [
      () => facenet.detect(blob, null as never),
      () => facenet.detect(blob, { minScore: 2 }),
      () => facenet.detect(blob, { maxFaces: 1.5 }),
      () => facenet.detect(blob, { signal: {} as AbortSignal }),
      () => facenet.embed(blob, null as never),
      () => facenet.embed(blob, none, { signal: new AbortController().signal }),
      () => facenet.embed(blob, [face, none]),
      () => facenet.embed(blob, face, null as never),
      () => facenet.embed(blob, { ...face, landmarks: { scheme: 'ibug-68', points: [] } }),
      () => facenet.align(blob, { ...face, landmarks: { scheme: 'other' as 'ibug-68', points: [] } }),
      () => facenet.landmarks(blob, none),
      () => facenet.landmarks(blob, face, null as never),
      () => facenet.align(blob, face, { template: 'toString' as 'dlib' }),
      () => facenet.align(blob, face, { size: 0 }),
      () => facenet.align(blob, face, { size: 10_000 }),
      () => facenet.align(blob, none),
    ];
    const codes: string[] = [];
    for (const call of calls) {
      codes.push(
        await call().then(
          () => `no error from ${call}`,
          (error) => (error instanceof library.FaceNetError ? error.code : `${error} from ${call}`),
        ),
      );
    }
    await facenet.dispose();
    return codes;
  });
  expect(codes).toEqual(codes.map(() => 'option-invalid'));
});

test('a picture of another origin without CORS is refused with a code', async ({ page, server }) => {
  await load(page);
  // The same server under its other name is another origin.
  const other = server.url.replace('127.0.0.1', 'localhost');
  // It lets the picture be shown on an isolated page, but not read.
  await page.route(`${other}photos/*`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'Cross-Origin-Resource-Policy': 'cross-origin' };
    await route.fulfill({ response, headers });
  });
  const code = await page.evaluate(async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const code = await facenet.detect(image).then(
      () => 'no error',
      (error) => (error instanceof library.FaceNetError ? error.code : String(error)),
    );
    await facenet.dispose();
    return code;
  }, `${other}photos/sample1.jpg`);
  expect(code).toBe('image-tainted');
});
