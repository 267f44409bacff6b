import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Library as LibraryClass } from '../../lib/library/index.ts';

/** What the page keeps between calls. */
interface Indexing {
  /** The JPEG files that photos are copies of. */
  originals: Blob[];
  facenet: FaceNetClass;
  library: LibraryClass;
  /** The number of photos that were made. */
  made: number;
}

/** Runs in the page: encodes the sample photos at a size as JPEG. */
export async function makeOriginals([width, height]: readonly [number, number]): Promise<void> {
  const originals: Blob[] = [];
  for (let i = 1; i <= 6; i++) {
    const bitmap = await createImageBitmap(await (await fetch(`/samples/sample${i}.jpg`)).blob());
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = 'high';
    const scale = Math.max(width / bitmap.width, height / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
    bitmap.close();
    originals.push(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
  }
  Object.assign(globalThis, { indexing: { originals, made: 0 } });
}

/** Runs in the page: loads a preset and opens an empty library. @returns the number of threads in use. */
export async function openIndexing(preset: string, threads: number): Promise<number> {
  const [address, libraryAddress] = ['/dist/facenet-web.js', '/dist/library.js'];
  const { FaceNet } = (await import(address)) as { FaceNet: typeof FaceNetClass };
  const { Library } = (await import(libraryAddress)) as { Library: typeof LibraryClass };
  const page = globalThis as unknown as { indexing: Indexing };
  await page.indexing.library?.close();
  await page.indexing.facenet?.dispose();
  await Library.erase('study');
  const facenet = await FaceNet.load({ models: '/models/', preset, threads });
  Object.assign(page.indexing, { facenet, library: await Library.open({ name: 'study', facenet }) });
  return facenet.backend.threads;
}

/** Runs in the page: indexes copies of the originals. Bytes after the end of a JPEG make each a file of its own. */
export async function indexPhotos(count: number): Promise<{ milliseconds: number; photos: number; faces: number }> {
  const { indexing } = globalThis as unknown as { indexing: Indexing };
  const files = Array.from({ length: count }, () => {
    const number = indexing.made++;
    const original = indexing.originals[number % indexing.originals.length] as Blob;
    return new File([original, `copy ${number}`], `${number}.jpg`, { type: 'image/jpeg', lastModified: 1e12 });
  });
  const before = await indexing.library.counts();
  const start = performance.now();
  await indexing.library.add(files);
  const milliseconds = performance.now() - start;
  const after = await indexing.library.counts();
  return { milliseconds, photos: after.photos - before.photos, faces: after.faces - before.faces };
}
