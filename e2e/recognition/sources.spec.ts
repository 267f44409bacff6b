import { expect, test } from '../support/library.ts';

test('finds the same faces in every kind of source', { tag: '@page' }, async ({ sharedPage: page }) => {
  const found = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const bitmap = await smallPhoto();
    const { width, height } = bitmap;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(width, height);
    (offscreen.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(bitmap, 0, 0);
    const blob = await offscreen.convertToBlob({ type: 'image/png' });
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    const frame = new VideoFrame(bitmap, { timestamp: 0 });

    // A canvas sends a frame to its stream when it is drawn.
    const timer = setInterval(() => context.drawImage(bitmap, 0, 0), 50);
    const stream = canvas.captureStream();
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: stream });
    await video.play();

    const sources = {
      Blob: blob,
      File: new File([blob], 'photo.png', { type: 'image/png' }),
      HTMLImageElement: image,
      HTMLCanvasElement: canvas,
      OffscreenCanvas: offscreen,
      ImageBitmap: bitmap,
      ImageData: context.getImageData(0, 0, width, height),
      VideoFrame: frame,
      HTMLVideoElement: video,
    };
    const faces: Record<string, { x: number; y: number; distance: number }[]> = {};
    const reference = await facenet.embed(blob, { thorough: true, minSize: 20 });
    for (const [kind, source] of Object.entries(sources)) {
      const embedded = await facenet.embed(source, { thorough: true, minSize: 20 });
      faces[kind] = embedded.map((face, i) => ({
        x: face.box.x,
        y: face.box.y,
        distance: facenet.compare(face, reference[i] ?? face).distance,
      }));
    }
    const open = bitmap.width > 0 && frame.displayWidth > 0;
    frame.close();
    clearInterval(timer);
    await facenet.dispose();
    return { faces, open };
  });
  expect(found.open, "the caller's bitmap and frame stay open").toBe(true);
  const reference = found.faces.Blob ?? [];
  expect(reference).toHaveLength(3);
  for (const [kind, faces] of Object.entries(found.faces)) {
    expect(faces, kind).toHaveLength(3);
    for (const [i, { x, y, distance }] of faces.entries()) {
      // Video frames are not bit-identical, because their colours are converted.
      expect(Math.hypot(x - (reference[i]?.x ?? 0), y - (reference[i]?.y ?? 0)), `${kind}, face ${i}`).toBeLessThan(2);
      expect(distance, `${kind}, face ${i}`).toBeLessThan(0.15);
    }
  }
});

test('embeds the faces of a 12-megapixel photo, of a thumbnail of 32 pixels and of one pixel', async ({
  sharedPage: page,
}) => {
  const found = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const bitmap = await createImageBitmap(await photo('/photos/sample6.jpg'));
    const large = new OffscreenCanvas(4000, 3000);
    const scale = Math.min(4000 / bitmap.width, 3000 / bitmap.height);
    const context = large.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0, bitmap.width * scale, bitmap.height * scale);
    const [face] = (await facenet.embed(bitmap, { minSize: 100 })) as [import('../../lib/index.ts').EmbeddedFace];
    const { x, y, width, height } = face.box;
    const small = new OffscreenCanvas(32, 32);
    const thumbnail = small.getContext('2d') as OffscreenCanvasRenderingContext2D;
    thumbnail.imageSmoothingQuality = 'high';
    thumbnail.drawImage(bitmap, x - width / 4, y - height / 4, width * 1.5, height * 1.5, 0, 0, 32, 32);
    const inLarge = await facenet.embed(await large.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
    const inSmall = await facenet.embed(small);
    const inOnePixel = await facenet.embed(new ImageData(1, 1));
    const distances = inLarge.map((other) => facenet.compare(face, other).distance);
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

test('returns an empty list for a picture without a face', async ({ sharedPage: page }) => {
  const counts = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const canvas = new OffscreenCanvas(320, 240);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    const black = await facenet.detect(canvas);
    context.fillStyle = 'green';
    context.fillRect(0, 0, 320, 240);
    const noise = context.getImageData(0, 0, 320, 240);
    for (let i = 0; i < noise.data.length; i++) noise.data[i] = i % 4 === 3 ? 255 : (i * 7919) % 256;
    const counts = [black.length, (await facenet.embed(canvas)).length, (await facenet.embed(noise)).length];
    await facenet.dispose();
    return counts;
  });
  expect(counts).toEqual([0, 0, 0]);
});

test('rejects unreadable sources with a code', { tag: '@page' }, async ({ sharedPage: page }) => {
  const codes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const closedBitmap = await createImageBitmap(new ImageData(4, 4));
    closedBitmap.close();
    const closedFrame = new VideoFrame(await createImageBitmap(new ImageData(4, 4)), { timestamp: 0 });
    closedFrame.close();
    const brokenImage = new Image();
    brokenImage.src = 'data:image/png;base64,AAAA';
    await brokenImage.decode().catch(() => {});
    const sources: Record<string, unknown> = {
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
    for (const [kind, source] of Object.entries(sources)) codes[kind] = await codeOf(facenet.detect(source as Blob));
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

test('rejects invalid options and faces with option-invalid', async ({ sharedPage: page }) => {
  const codes = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const still = await facePhoto();
    const [face] = await facenet.detect(still, quick);
    if (!face) throw new Error('there was no face');
    const missing = undefined as never;
    const calls: (() => Promise<unknown>)[] = [
      () => facenet.detect(still, null as never),
      () => facenet.detect(still, { minScore: 2 }),
      () => facenet.detect(still, { maxFaces: 1.5 }),
      () => facenet.detect(still, { signal: {} as AbortSignal }),
      () => facenet.embed(still, null as never),
      () => facenet.embed(still, missing, { signal: new AbortController().signal }),
      () => facenet.embed(still, [face, missing]),
      () => facenet.embed(still, face, null as never),
      () => facenet.embed(still, { ...face, landmarks: { scheme: 'ibug-68', points: [] } }),
      () => facenet.align(still, { ...face, landmarks: { scheme: 'other' as 'ibug-68', points: [] } }),
      () => facenet.landmarks(still, missing),
      () => facenet.landmarks(still, face, null as never),
      () => facenet.align(still, face, { template: 'toString' as 'dlib' }),
      () => facenet.align(still, face, { size: 0 }),
      () => facenet.align(still, face, { size: 10_000 }),
      () => facenet.align(still, missing),
    ];
    const codes: Record<string, string> = {};
    for (const call of calls) codes[String(call)] = await codeOf(call);
    await facenet.dispose();
    return codes;
  });
  expect(codes).toEqual(Object.fromEntries(Object.keys(codes).map((call) => [call, 'option-invalid'])));
  expect(Object.keys(codes)).toHaveLength(16);
});

test('rejects a picture of another origin without CORS with image-tainted', async ({ page, server }) => {
  // Another name of the same server is another origin.
  const other = server.url.replace('127.0.0.1', 'localhost');
  // It lets an isolated page show the picture, but not read it.
  await page.route(`${other}photos/*`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'Cross-Origin-Resource-Policy': 'cross-origin' };
    await route.fulfill({ response, headers });
  });
  const code = await page.evaluate(async (address) => {
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const image = new Image();
    image.src = address;
    await image.decode();
    const code = await codeOf(facenet.detect(image));
    await facenet.dispose();
    return code;
  }, `${other}photos/sample1.jpg`);
  expect(code).toBe('image-tainted');
});
