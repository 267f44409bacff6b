import type { Page } from 'playwright/test';
import type { Question } from '../../lib/library/index.ts';
import { killPipelineWorker } from '../support/kill-worker.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { makePhotos } from '../support/varied-photos.ts';

declare global {
  /** facenet-web/library, as built. */
  var libraries: typeof import('../../lib/library/index.ts');
  var album: import('../../lib/library/index.ts').Library;
  /** The error of an `add()` that was started and not waited for. */
  var failure: unknown;
  /** Why another tab or the browser closed the library. */
  var closedBecause: string | undefined;
}

/** The number of photos to index, and to add after corrections. PHOTOS=5000 tests a large folder. */
const count = Number(process.env.PHOTOS ?? 20);
const added = Math.ceil(count / 10);
test.setTimeout(240_000 + count * 6000);

/** Opens a library in the page, which counts the analyses of photos in `localStorage`, over all reloads. */
async function openAlbum(page: Page, name: string): Promise<void> {
  await page.evaluate(async (name) => {
    const address = '/dist/library.js';
    globalThis.libraries = await import(address);
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const embed = facenet.embed.bind(facenet);
    Object.assign(facenet, {
      embed: (...given: Parameters<typeof embed>) => {
        localStorage.setItem(`analyses ${name}`, `${Number(localStorage.getItem(`analyses ${name}`)) + 1}`);
        return embed(...given);
      },
    });
    const detect = { thorough: false, minSize: 60 };
    const onClose = ({ message }: Error) => {
      globalThis.closedBecause = message;
    };
    globalThis.album = await libraries.Library.open({ name, facenet, detect, previews: 0, onClose });
  }, name);
}

/** Opens the page again, as a reload does. */
async function reload(page: Page, server: Parameters<typeof openLibrary>[1], name: string): Promise<void> {
  await openLibrary(page, server);
  await openAlbum(page, name);
}

/** Adds photos by number. @param wait whether to wait until they are indexed. */
async function addPhotos(page: Page, from: number, to: number, wait: boolean): Promise<void> {
  await page.evaluate(`globalThis.makePhotos = ${makePhotos}`);
  await page.evaluate(
    async ([from, to, wait]) => {
      const photo = (globalThis as unknown as { makePhotos: typeof makePhotos }).makePhotos('/photos');
      const files: File[] = [];
      for (let i = from; i < to; i++)
        files.push(new File([await photo(i)], `photo ${i}.jpg`, { type: 'image/jpeg', lastModified: 1e12 }));
      const adding = album.add(files);
      adding.catch((error: unknown) => {
        globalThis.failure = error;
      });
      if (wait) await adding;
    },
    [from, to, wait] as const,
  );
}

/** How often photos of a library were analysed. */
function analysesOf(page: Page, name: string): Promise<number> {
  return page.evaluate((name) => Number(localStorage.getItem(`analyses ${name}`)), name);
}

/** Waits until a number of files is indexed. */
async function untilDone(page: Page, files: number): Promise<void> {
  await expect
    .poll(() => page.evaluate(async () => (await album.counts()).photos), { timeout: 200_000, intervals: [50] })
    .toBeGreaterThanOrEqual(files);
}

/** The people, each as the sorted paths of the photos, in any order. */
function peopleIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const people = album.people({ limit: 10_000 }).items;
    const lists = people.map(async ({ number }) => {
      const { items } = await album.photosOf(number, { limit: 100_000 });
      return items
        .map(({ path }) => path)
        .sort()
        .join(', ');
    });
    return (await Promise.all(lists)).sort();
  });
}

test('an index that is interrupted by reloads and a killed worker ends with the same people', async ({
  page,
  server,
}) => {
  await openAlbum(page, 'undisturbed');
  await addPhotos(page, 0, count, true);
  const people = await peopleIn(page);
  expect(people.length).toBeGreaterThan(5);

  await reload(page, server, 'disturbed');
  await addPhotos(page, 0, count, false);
  await untilDone(page, Math.floor(count / 5));
  await reload(page, server, 'disturbed');
  const { photos, waiting } = await page.evaluate(() => album.counts());
  expect(photos).toBeGreaterThanOrEqual(Math.floor(count / 5));
  expect(waiting).toBeGreaterThan(0);
  await page.evaluate(() => {
    void album.resume();
  });
  await untilDone(page, Math.floor(count / 2));
  await killPipelineWorker(page);
  await untilDone(page, Math.floor((3 * count) / 4));
  await reload(page, server, 'disturbed');
  await page.evaluate(() => album.resume());
  expect(await page.evaluate(() => album.counts())).toMatchObject({ photos: count, waiting: 0, failed: 0 });
  expect(await peopleIn(page)).toEqual(people);
  expect(await analysesOf(page, 'undisturbed')).toBe(count);
  // Each of the three interruptions ends the analyses of two photos at most.
  const analyses = await analysesOf(page, 'disturbed');
  expect(analyses).toBeGreaterThanOrEqual(count);
  expect(analyses).toBeLessThanOrEqual(count + 3 * 2);

  // The same files again are neither indexed nor counted again, under another path neither.
  await addPhotos(page, 0, 2, true);
  await page.evaluate(async () => {
    const photo = (globalThis as unknown as { makePhotos: typeof makePhotos }).makePhotos('/photos');
    await album.add([new File([await photo(0)], 'copy.jpg', { type: 'image/jpeg' })]);
  });
  expect(await page.evaluate(() => album.counts())).toMatchObject({ photos: count, files: count + 1 });

  expect(await analysesOf(page, 'disturbed')).toBe(analyses);

  // Corrections hold after more photos are added.
  const corrected = await page.evaluate(async () => {
    const [same] = (await album.questions()) as [Question];
    const merged = same.people.flatMap((person) => album.facesOf(person));
    await album.answer(same, 'same');
    const [first, second, third] = album.people().items.map(({ number }) => number) as [number, number, number];
    const split = album.facesOf(third).slice(0, 1);
    const wrong = album.facesOf(second)[0] as number;
    await album.name(first, 'Ada');
    const own = await album.split(...split);
    await album.notSame(wrong, second);
    await album.hide(second);
    const faces = album.facesOf(first);
    const cover = faces.findLast((face) => face !== album.person(first).cover) as number;
    await album.setCover(first, cover);
    // After the others: hidden people are not asked about.
    const [different] = (await album.questions()) as [Question];
    await album.answer(different, 'different');
    return {
      first,
      second,
      wrong,
      own,
      split,
      faces,
      cover,
      merged,
      different: different.faces.map(([face]) => face as number),
    };
  });
  await reload(page, server, 'disturbed');
  await addPhotos(page, count, count + added, true);
  const after = await page.evaluate(async ({ first, own, second, merged, different }) => {
    const asked = await album.questions({ limit: 100 });
    return {
      cover: album.person(first).cover,
      merged: new Set(merged.map((face) => album.personOf(face))).size,
      different: new Set(different.map((face) => album.personOf(face))).size,
      asked: asked.filter(({ people }) => different.every((face) => people.includes(album.personOf(face) as number))),
      name: album.person(first).name,
      first: album.facesOf(first),
      own: album.facesOf(own),
      second: album.facesOf(second),
      hidden: album.people({ hidden: true }).items.map(({ number }) => number),
    };
  }, corrected);
  expect(after.name).toBe('Ada');
  expect(after.first).toEqual(expect.arrayContaining(corrected.faces));
  expect(after.own).toEqual(expect.arrayContaining(corrected.split));
  expect(after.second).not.toContain(corrected.wrong);
  expect(after.hidden).toEqual([corrected.second]);
  expect(after.cover).toBe(corrected.cover);
  expect(after).toMatchObject({ merged: 1, different: 2, asked: [] });
  expect(await analysesOf(page, 'disturbed')).toBe(analyses + added);
  expect(await page.evaluate(() => globalThis.failure)).toBeUndefined();
});

test('an import of many faces, which is written in parts, is stored whole, with their neighbour graph', async ({
  page,
  server,
}) => {
  const faces = 4000;
  await openAlbum(page, 'large');
  const added = await page.evaluate(async (count) => {
    const { rule, identity } = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const lines: object[] = [
      { format: 'facenet-library', version: 1 },
      { library: { ...rule, ...identity, photos: count } },
    ];
    const box = { x: 10, y: 10, width: 100, height: 100 };
    for (let i = 0; i < count; i++) {
      const vector = new Float32Array(rule.dimension).map((_, j) => Math.sin(i * 7.3 + (j + 1) * (1 + (i % 997))));
      const length = Math.hypot(...vector);
      const bytes = new Uint8Array(vector.map((value) => value / length).buffer);
      const embedding = btoa(String.fromCharCode(...bytes));
      const face = { box, score: 0.9, quality: 0.8, embedding, confirmed: false, notAFace: false };
      const photo = { id: i.toString(16).padStart(64, '0'), path: `${i}.jpg`, width: 400, height: 300, time: i };
      lines.push({ photo: { ...photo, taken: false, orientation: 1, indexed: '1', faces: [face] } });
    }
    const result = await album.import(new Blob([lines.map((line) => JSON.stringify(line)).join('\n')]));
    await album.resume();
    return { ...result, grouped: album.grouped };
  }, faces);
  expect(added).toEqual({ photos: faces, faces, grouped: true });
  const people = (await peopleIn(page)).length;
  const similar = () => page.evaluate(() => album.similar(0, { limit: 3 }));
  const before = await similar();
  await reload(page, server, 'large');
  expect(await page.evaluate(() => album.counts())).toMatchObject({ photos: faces, faces });
  expect(await page.evaluate(() => album.grouped)).toBe(true);
  expect((await peopleIn(page)).length).toBe(people);
  expect(await similar()).toEqual(before);
});

test('crops show heads tilted by 45° at most, and are embedded as the photos were, also those of an earlier build', async ({
  page,
}) => {
  await page.evaluate(`globalThis.makePhotos = ${makePhotos}`);
  const found = await page.evaluate(async () => {
    const address = '/dist/library.js';
    const { Library, embedStoredCrop }: typeof libraries = await import(address);
    const photo = (globalThis as unknown as { makePhotos: typeof makePhotos }).makePhotos('/photos');
    const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
    const detect = { thorough: true, minSize: 60 };
    const contextOf = (side: number) => {
      const context = new OffscreenCanvas(side, side).getContext('2d') as OffscreenCanvasRenderingContext2D;
      return { context, bitmap: () => createImageBitmap(context.canvas) };
    };
    const turned = async (number: number, angle: number) => {
      const { context } = contextOf(600);
      context.translate(300, 300);
      context.rotate(angle);
      context.drawImage(await createImageBitmap(await photo(number)), -240, -180);
      return context.canvas.convertToBlob({ type: 'image/png' });
    };
    const album = await Library.open({ name: 'turned', facenet, storage: 'memory', previews: 0, detect });
    const angles = [0, 0.4, Math.PI / 2, -Math.PI / 2, Math.PI];
    const files = await Promise.all(
      angles.map(async (angle, i) => new File([await turned(i, angle)], `${i}`, { type: 'image/png' })),
    );
    await album.add(files);
    const results: { turn: number; upright: number; crop: number; earlier: number }[] = [];
    for (const { path, faces: numbers } of (await album.photos()).items) {
      const faces = await album.faces(numbers);
      const [face] = faces.sort((a, b) => b.box.width - a.box.width);
      if (!face) continue;
      const [stored] = await album.embeddings([face.number]);
      const picture = await createImageBitmap(await album.crop(face.number));
      const [upright] = await facenet.detect(picture, { maxFaces: 1, order: 'size' });
      // As an earlier build cut it.
      const { x, y, width, height } = face.box;
      const side = 1.5 * Math.max(width, height);
      const { context, bitmap } = contextOf(160);
      const shown = await createImageBitmap(files[Number(path)] as File);
      context.scale(160 / side, 160 / side);
      context.drawImage(shown, side / 2 - x - width / 2, side / 2 - y - height / 2);
      const distanceTo = async (crop: ImageBitmap, roll: object) => {
        const { embedding } = await embedStoredCrop(facenet, crop, roll);
        return library.cosineDistance(stored?.embedding as Float32Array, embedding);
      };
      results.push({
        turn: Math.cos((face.roll ?? 0) - (angles[Number(path)] as number)),
        upright: Math.cos(upright?.roll ?? Math.PI),
        crop: await distanceTo(picture, face),
        earlier: await distanceTo(await bitmap(), {}),
      });
    }
    await album.close();
    return results;
  });
  expect(found).toHaveLength(5);
  for (const { turn, upright, crop, earlier } of found) {
    expect(turn).toBeGreaterThan(0.9);
    // The cosine of 45°.
    expect(upright).toBeGreaterThan(0.7);
    expect(crop).toBeLessThan(0.15);
    expect(earlier).toBeLessThan(0.15);
  }
});

test('a library is open in one tab, and can be erased', async ({ page, context, server }) => {
  await openAlbum(page, 'tabs');
  const other = await context.newPage();
  await openLibrary(other, server);
  await expect(openAlbum(other, 'tabs')).rejects.toThrow('is open in another tab');
  await other.close();
  const left = await page.evaluate(async () => {
    await album.close();
    await libraries.Library.erase('tabs');
    return (await indexedDB.databases()).map(({ name }) => name);
  });
  expect(left).not.toContain('facenet-library:tabs');
});

test('a library that another tab erases is closed, and either tab can open it again', async ({
  page,
  context,
  server,
}) => {
  await openAlbum(page, 'tabs');
  const other = await context.newPage();
  await openLibrary(other, server);
  await other.evaluate(async () => {
    const address = '/dist/library.js';
    globalThis.libraries = await import(address);
    await libraries.Library.erase('tabs');
  });
  await expect.poll(() => page.evaluate(() => globalThis.closedBecause)).toContain('was erased in another tab');
  expect(await page.evaluate(() => codeOf(album.counts()))).toBe('disposed');
  await openAlbum(other, 'tabs');
  expect(await other.evaluate(() => album.counts())).toMatchObject({ files: 0 });
  await other.evaluate(() => album.close());
  await openAlbum(page, 'tabs');
  expect(await page.evaluate(() => album.counts())).toMatchObject({ files: 0 });
});
