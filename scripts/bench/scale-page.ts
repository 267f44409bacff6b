import type { Box, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { type Actor, startMovingFaces } from '../kit/moving-faces.ts';
import type { Scale } from './report.ts';

declare const facenet: FaceNetClass;

/** Runs in the page. */
export async function loadFaceNet(): Promise<void> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as typeof import('../../lib/index.ts');
  const facenet = await FaceNet.load({ models: '/models/', backend: 'wasm' });
  await facenet.embed(await (await fetch('/photos/sample1.jpg')).blob());
  Object.assign(globalThis, { facenet });
}

/** Runs in the page: times images with a growing number of faces, each cut out of a sample photo. */
export async function timeFaces(given: { counts: number[]; repeats: number }) {
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob());
  const boxes = (await facenet.detect(sample, { minSize: 100 })).map(({ box }) => box);
  const rows: { faces: number; found: number; times: number[] }[] = [];
  for (const faces of given.counts) {
    const canvas = drawFaces(sample, boxes, faces);
    const times: number[] = [];
    // The first run allocates memory for the batch.
    let found = (await facenet.embed(canvas)).length;
    for (let i = 0; i < given.repeats; i++) {
      const start = performance.now();
      found = (await facenet.embed(canvas)).length;
      times.push(performance.now() - start);
    }
    rows.push({ faces, found, times });
  }
  return rows;
}

/** Runs in the page: draws an image of 1280×960 pixels with a grid of faces. */
function drawFaces(sample: ImageBitmap, boxes: readonly Box[], faces: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(1280, 960);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  const perRow = Math.ceil(Math.sqrt((faces * 4) / 3));
  const cell = Math.min(1280 / perRow, 960 / Math.ceil(faces / perRow));
  for (let i = 0; i < faces; i++) {
    const { x, y, width, height } = boxes[i % boxes.length] as Box;
    const side = 1.9 * Math.max(width, height);
    const [left, top] = [(i % perRow) * cell, Math.floor(i / perRow) * cell];
    const from = [x + width / 2 - side / 2, y + height / 2 - side / 2, side, side] as const;
    context.drawImage(sample, ...from, left, top, cell, cell);
  }
  return canvas;
}

/** Runs in the page: times JPEG files of one photo, enlarged to each size. */
export async function timeSizes(given: { megapixels: number[]; repeats: number }) {
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob(), 10, 350, 580, 435);
  const rows: {
    megapixels: number;
    width: number;
    height: number;
    times: number[];
    decodings: number[];
  }[] = [];
  for (const megapixels of given.megapixels) {
    const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3));
    const height = Math.round((width * 3) / 4);
    const canvas = new OffscreenCanvas(width, height);
    (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(sample, 0, 0, width, height);
    const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    const [times, decodings]: [number[], number[]] = [[], []];
    for (let i = 0; i < given.repeats; i++) {
      const start = performance.now();
      (await createImageBitmap(file)).close();
      decodings.push(performance.now() - start);
      const restart = performance.now();
      const faces = await facenet.embed(file);
      times.push(performance.now() - restart);
      if (faces.length !== 1)
        throw new Error(`${faces.length} faces were found in a photo of ${megapixels} megapixels.`);
    }
    rows.push({ megapixels, width, height, times, decodings });
  }
  return rows;
}

/** Runs in the page: times the comparison of a probe with each embedding of a growing gallery. */
export async function timeGallery(given: { counts: number[]; repeats: number }) {
  const { euclideanDistance } = (await import('/dist/facenet-web.js' as string)) as typeof import('../../lib/index.ts');
  const dimension = 128;
  const all = new Float32Array(Math.max(...given.counts) * dimension).map(() => Math.random() - 0.5);
  const probe = all.slice(0, dimension);
  return given.counts.map((embeddings) => {
    const templates = Array.from({ length: embeddings }, (_, i) => all.subarray(i * dimension, (i + 1) * dimension));
    const times: number[] = [];
    for (let i = 0; i < given.repeats + 1; i++) {
      const start = performance.now();
      let nearest = Number.POSITIVE_INFINITY;
      for (const template of templates) nearest = Math.min(nearest, euclideanDistance(probe, template));
      if (nearest !== 0) throw new Error('The distance of an embedding to itself is not 0.');
      // The first run includes compilation.
      if (i > 0) times.push(performance.now() - start);
    }
    return { embeddings, times };
  });
}

/** Runs in the page: detects the moving face in a number of video frames. */
export async function detectInFrames(count: number): Promise<void> {
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob(), 10, 350, 580, 435);
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  for (let i = 0; i < count; i++) {
    context.drawImage(sample, 40 * Math.sin(i / 9), 30 * Math.cos(i / 7), 640, 480);
    const frame = new VideoFrame(canvas, { timestamp: i });
    try {
      if ((await facenet.detect(frame)).length !== 1) throw new Error('The face was not found in a frame.');
    } finally {
      frame.close();
    }
  }
  sample.close();
}

/** Runs in the page: watches a video of two people, and records when each is identified. */
export async function timeVideo(milliseconds: number): Promise<Scale['video']> {
  const { Gallery } = (await import('/dist/gallery.js' as string)) as typeof import('../../lib/gallery/index.ts');
  const gallery = await Gallery.open({ name: 'bench', facenet, storage: 'memory' });
  const photo = '/photos/sample1.jpg';
  const [ada, bob] = await facenet.embed(await (await fetch(photo)).blob(), { maxFaces: 2 });
  if (!ada || !bob) throw new Error('The sample photo has fewer than two faces.');
  await gallery.enrol({ name: 'Ada' }, ada);
  await gallery.enrol({ name: 'Bob' }, bob);
  const always: Actor['seen'] = [[0, 60_000]];
  const { video, startedAt, stop } = await startMovingFaces([
    { photo, box: ada.box, x: 180, y: 230, sway: 40, period: 3000, size: 130, seen: always },
    { photo, box: bob.box, x: 460, y: 250, sway: 40, period: 4000, size: 120, seen: always },
  ]);
  const frameGap = measureFrameGap();
  const known = new Map<string, number>();
  let [watched, firstAt, lastAt] = [0, 0, 0];
  for await (const { faces } of facenet.watch(video, { gallery })) {
    const now = performance.now();
    for (const { identity } of faces) {
      if (identity?.status !== 'known') continue;
      const { name } = identity.person;
      known.set(name, known.get(name) ?? now - startedAt);
    }
    if (watched++ === 0) firstAt = now;
    lastAt = now;
    if (now - startedAt > milliseconds) break;
  }
  const longestGap = frameGap.stop();
  stop();
  return {
    framesPerSecond: (1000 * (watched - 1)) / (lastAt - firstAt),
    identityMs: ['Ada', 'Bob'].map((name) => known.get(name) ?? Number.NaN),
    longestGap,
  };
}

/** Runs in the page: measures the longest time between two animation frames. A free thread draws sixty times a second. */
function measureFrameGap(): { stop(): number } {
  let [drawnAt, longestGap, drawing] = [performance.now(), 0, true];
  const draw = () => {
    longestGap = Math.max(longestGap, performance.now() - drawnAt);
    drawnAt = performance.now();
    if (drawing) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  return {
    stop() {
      drawing = false;
      return longestGap;
    },
  };
}

/** The functions that the others call, for definePageFunctions. */
export const scaleFunctions = { drawFaces, measureFrameGap, startMovingFaces };
