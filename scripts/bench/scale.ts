import type { Browser, Page } from 'playwright';
import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import { openPage, type Server } from '../kit/browser.ts';
import { heapBytes, heldTensors } from '../kit/memory.ts';
import { type Actor, startMovingFaces } from '../kit/moving-faces.ts';
import { spread } from './report.ts';

/** How the cost of `balanced`, in its worker, grows. Times are medians in milliseconds. */
export interface Scale {
  /** From an image to all its embeddings, by the number of faces in 1280×960 pixels. */
  faces: { faces: number; found: number; ms: number }[];
  /** From a JPEG file to the embedding of its one face, by its size; of which the browser's decoding alone. */
  sizes: { megapixels: number; width: number; height: number; ms: number; decodingMs: number }[];
  /** A probe compared with each embedding of a gallery in one typed array, on one thread. */
  gallery: { embeddings: number; perSecond: number }[];
  /** What is held as frame after frame of 640×480 pixels is looked at. */
  steadiness: { frames: number; tensors: number; bytes: number }[];
  /** A video of two people at 30 frames a second, watched with a gallery that knows both. */
  video: { framesPerSecond: number; identityMs: number[]; longestGap: number };
}

/** As many frames as are looked at, and how often it is noted what is held. */
const frames = 2000;
const noteEvery = 500;

/** How often each time is measured. */
const repeats = 3;

export async function measureScale(browser: Browser, server: Server): Promise<Scale> {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, server);
    await page.evaluate(loadFaceNet);
    const faces = await page.evaluate(timeFaces, { counts: [1, 2, 5, 10, 20, 30, 50], repeats });
    const sizes = await page.evaluate(timeSizes, { megapixels: [0.3, 1, 2, 5, 12, 24, 48], repeats });
    const gallery = await page.evaluate(timeGallery, { counts: [1e3, 1e4, 1e5, 1e6], repeats });
    const steadiness = await watchMemory(page);
    await page.evaluate(`globalThis.startMovingFaces = ${startMovingFaces}`);
    const video = await page.evaluate(timeVideo, 8000);
    const middle = (values: number[]) => spread(values).median;
    return {
      faces: faces.map(({ times, ...row }) => ({ ...row, ms: middle(times) })),
      sizes: sizes.map(({ times, decodings, ...row }) => ({
        ...row,
        ms: middle(times),
        decodingMs: middle(decodings),
      })),
      gallery: gallery.map(({ times, embeddings }) => ({ embeddings, perSecond: (1000 * embeddings) / middle(times) })),
      steadiness,
      video,
    };
  } finally {
    await context.close();
  }
}

/** What a page of this measurement keeps. */
type Kept = {
  facenet: FaceNetClass;
  startMovingFaces: typeof startMovingFaces;
};

/** Runs in the page. */
async function loadFaceNet(): Promise<void> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as typeof import('../../lib/index.ts');
  const facenet = await FaceNet.load({ models: '/models/', backend: 'wasm' });
  await facenet.embed(await (await fetch('/photos/sample1.jpg')).blob());
  Object.assign(globalThis, { facenet });
}

/** Runs in the page: photos that hold so many faces, each cut out of a sample photo. */
async function timeFaces(given: { counts: number[]; repeats: number }) {
  const { facenet } = globalThis as unknown as Kept;
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob());
  const boxes = (await facenet.detect(sample, { minSize: 100 })).map(({ box }) => box);
  const rows: { faces: number; found: number; times: number[] }[] = [];
  for (const faces of given.counts) {
    const canvas = new OffscreenCanvas(1280, 960);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    const perRow = Math.ceil(Math.sqrt((faces * 4) / 3));
    const cell = Math.min(1280 / perRow, 960 / Math.ceil(faces / perRow));
    for (let i = 0; i < faces; i++) {
      const { x, y, width, height } = boxes[i % boxes.length] as DOMRect;
      const side = 1.9 * Math.max(width, height);
      const [left, top] = [(i % perRow) * cell, Math.floor(i / perRow) * cell];
      const from = [x + width / 2 - side / 2, y + height / 2 - side / 2, side, side] as const;
      context.drawImage(sample, ...from, left, top, cell, cell);
    }
    const times: number[] = [];
    // So many faces at once are new to the engine the first time.
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

/** Runs in the page: files of one photo, enlarged. */
async function timeSizes(given: { megapixels: number[]; repeats: number }) {
  const { facenet } = globalThis as unknown as Kept;
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

/** Runs in the page. */
async function timeGallery(given: { counts: number[]; repeats: number }) {
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
      if (nearest !== 0) throw new Error('An embedding has a distance to itself.');
      // The first time, the browser is still compiling.
      if (i > 0) times.push(performance.now() - start);
    }
    return { embeddings, times };
  });
}

async function watchMemory(page: Page): Promise<Scale['steadiness']> {
  const notes: Scale['steadiness'] = [];
  const note = async (looked: number) =>
    notes.push({ frames: looked, tensors: await heldTensors(page), bytes: await heapBytes(page, { collected: true }) });
  await page.evaluate(lookAtFrames, 100);
  await note(0);
  for (let looked = noteEvery; looked <= frames; looked += noteEvery) {
    await page.evaluate(lookAtFrames, noteEvery);
    await note(looked);
  }
  return notes;
}

/** Runs in the page: looks at frames in which a face moves, as at those of a video. */
async function lookAtFrames(count: number): Promise<void> {
  const { facenet } = globalThis as unknown as Kept;
  const sample = await createImageBitmap(await (await fetch('/photos/sample6.jpg')).blob(), 10, 350, 580, 435);
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  for (let i = 0; i < count; i++) {
    context.drawImage(sample, 40 * Math.sin(i / 9), 30 * Math.cos(i / 7), 640, 480);
    const frame = new VideoFrame(canvas, { timestamp: i });
    try {
      if ((await facenet.detect(frame)).length !== 1) throw new Error('The face in a frame was not seen.');
    } finally {
      frame.close();
    }
  }
  sample.close();
}

/** Runs in the page: watches two people for so many milliseconds, and when it was known who each is. */
async function timeVideo(milliseconds: number): Promise<Scale['video']> {
  const { facenet, startMovingFaces } = globalThis as unknown as Kept;
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
  // A page whose thread is free draws sixty times a second.
  let [drawnAt, longestGap, drawing] = [performance.now(), 0, true];
  const draw = () => {
    longestGap = Math.max(longestGap, performance.now() - drawnAt);
    drawnAt = performance.now();
    if (drawing) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
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
  drawing = false;
  stop();
  return {
    framesPerSecond: (1000 * (watched - 1)) / (lastAt - firstAt),
    identityMs: ['Ada', 'Bob'].map((name) => known.get(name) ?? Number.NaN),
    longestGap,
  };
}
