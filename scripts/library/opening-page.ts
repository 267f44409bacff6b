import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Library as LibraryClass } from '../../lib/library/index.ts';

/** Runs in the page: imports faces into a library in IndexedDB, one of each photo: a tenth of them of one person. */
export async function fillLibrary(first: number, count: number): Promise<void> {
  const library = await openStudy();
  const { rule, identity } = (globalThis as unknown as { facenet: FaceNetClass }).facenet;
  const lines: string[] = [
    JSON.stringify({ format: 'facenet-library', version: 1 }),
    JSON.stringify({ library: { ...rule, ...identity, photos: count } }),
  ];
  const embedding = new Float32Array(rule.dimension);
  for (let i = first; i < first + count; i++) {
    const length = Math.sqrt(
      embedding.map((_, j) => Math.sin(i * 7.3 + (j + 1) * (1 + (i % 997)))).reduce((sum, x) => sum + x * x, 0),
    );
    embedding.forEach((_, j) => {
      embedding[j] = Math.sin(i * 7.3 + (j + 1) * (1 + (i % 997))) / length;
    });
    const bytes = String.fromCharCode(...new Uint8Array(embedding.buffer));
    const box = { x: 10, y: 10, width: 100, height: 100 };
    const face = {
      box,
      score: 0.9,
      quality: 0.8,
      embedding: btoa(bytes),
      person: i % 10 === 0 ? 1 : 2 + Math.floor(i / 10),
      confirmed: true,
    };
    const photo = { id: i.toString(16).padStart(64, '0'), path: `${i}.jpg`, width: 4000, height: 3000, time: 1e12 + i };
    const faces = [{ ...face, notAFace: false }];
    lines.push(JSON.stringify({ photo: { ...photo, taken: true, orientation: 1, indexed: '1', faces } }));
  }
  await library.import(new Blob([lines.join('\n')]));
  await library.close();
}

/** The times of a page that opens a library, in milliseconds. */
export interface OpeningTimes {
  faces: number;
  open: number;
  people: number;
  page: number;
  timeRange: number;
}

/** Runs in the page: opens the library, and reads a page of people, of the photos of one, and of a time range. */
export async function openFilled(): Promise<OpeningTimes> {
  const times: number[] = [];
  let start = performance.now();
  const lap = () => {
    times.push(performance.now() - start);
    start = performance.now();
  };
  const library = await openStudy();
  lap();
  const { items } = library.people({ limit: 100 });
  lap();
  await library.photosOf(items[0]?.number as number, { limit: 100 });
  lap();
  await library.photos({ from: new Date(1e12 + 500), to: new Date(1e12 + 1500), limit: 100 });
  lap();
  const { faces } = await library.counts();
  Object.assign(globalThis, { opened: library });
  const [open, people, page, timeRange] = times as [number, number, number, number];
  return { faces, open, people, page, timeRange };
}

/** Runs in the page: loads the models. */
export async function loadModels(): Promise<void> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as { FaceNet: typeof FaceNetClass };
  Object.assign(globalThis, { facenet: await FaceNet.load({ models: '/models/', preset: 'library' }) });
}

/** Runs in the page. */
export async function openStudy(): Promise<LibraryClass> {
  const address = '/dist/library.js';
  const { Library } = (await import(address)) as { Library: typeof LibraryClass };
  const { facenet } = globalThis as unknown as { facenet: FaceNetClass };
  return Library.open({ name: 'filled', facenet });
}
