import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import type { EmbeddedFace } from '../../lib/index.ts';
import { type Example, examples } from '../../scripts/api/examples.ts';
import { serveLibrary } from '../../scripts/kit/browser.ts';
import { bundled } from '../support/bundled.ts';
import { expect, test } from '../support/library.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What an example needs that is not on this machine. */
const lacking: [RegExp, string][] = [
  [/QdrantClient/, 'it needs a Qdrant server; it is compiled'],
  [/location\.reload/, 'it reloads its page; people.spec.ts runs it on one of its own'],
  [
    /'facenet-2018'/,
    'it needs weights that can only be downloaded; facenet-weights.spec.ts runs files of their layout',
  ],
  [/\btrainNetwork\(|\bidentityBatches\(/, 'it learns for long, or without end; training.spec.ts trains a network'],
  [/\btripletLoss\(/, 'it needs a network; training.spec.ts has one'],
];

test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what the fixture needs.
  server: async ({}, use) => {
    const models = path('../../public/models');
    const photos = path('../../node_modules/@vladmandic/face-api/demo');
    // An address that an example takes for a photo's, or for a models folder, is one.
    const server = await serveLibrary({ '/photos': photos, '/own-models': models });
    await use(server);
    await server.close();
  },
});

test('every example of README.md, of docs/ and of the docstrings does what it says, on real photos', async ({
  page,
}) => {
  test.slow();
  await page.route('**/photo.jpg', async (route) =>
    route.fulfill({ path: path('../../node_modules/@vladmandic/face-api/demo/sample1.jpg') }),
  );
  const run: string[] = [];
  for (const [i, example] of examples().entries()) {
    if (lacking.some(([pattern]) => pattern.test(example.code))) continue;
    await test.step(example.place, async () => {
      expect(await runExample(page, example, i), example.place).toEqual([]);
    });
    run.push(example.place);
  }
  expect(run.length).toBeGreaterThan(12);
});

test('the first example tells two people apart', async ({ page }) => {
  const [first] = examples();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await runExample(page, first as Example, 0);
  expect(said.join('\n')).toMatch(/^different people 0/m);
});

/** Runs an example as a module of the page; a component is rendered. @returns what went wrong. */
async function runExample(page: Page, { code }: Example, i: number): Promise<string[]> {
  const script = `/dist/example-${i}.js`;
  const body = await scriptOf(code);
  await page.route(`**${script}`, (route) => route.fulfill({ contentType: 'text/javascript', body }));
  const problems: string[] = [];
  const note = (error: Error) => problems.push(error.message);
  page.on('pageerror', note);
  const learns = /\btrainHead\(/.test(code);
  await page.evaluate(prepare, learns);
  const failed = await page.evaluate(
    async ({ script, learns }) => {
      try {
        const { rendered } = await import(script);
        await rendered;
      } catch (error) {
        // An example that goes on until it is aborted ends so; one that learns has to come to its end.
        if (!learns && error instanceof DOMException && error.name === 'TimeoutError') return;
        return String(error instanceof Error ? error.stack : error);
      }
    },
    { script, learns },
  );
  await page.evaluate(() => (globalThis as unknown as { tidyUp: () => Promise<void> }).tidyUp());
  page.off('pageerror', note);
  return failed ? [...problems, failed] : problems;
}

/** An example as one script of the page; one that is a component renders itself for a while. */
function scriptOf(code: string): Promise<string> {
  const render = `
    import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    const root = createRoot(document.body.appendChild(document.createElement('div')), { onUncaughtError: reportError });
    root.render(createElement(Component, { photo }));
    export const rendered = new Promise((resolve) => setTimeout(resolve, 3000)).then(() => root.unmount());
  `;
  const component = /export \{ (\w+) as Component \};/;
  return bundled(component.test(code) ? `${code.replace(component, 'const Component = $1;')}${render}` : code);
}

/** What stays the same for all examples of a page. */
interface Ground {
  photos: Blob[];
  faces: EmbeddedFace[];
  others: EmbeddedFace[];
  crop: ImageData;
  video: HTMLVideoElement;
  /** Each face that is to be learned from, changed in many ways, once there is need of it. */
  people?: { embedding: Float32Array; model: string }[][];
}

/** Makes everything that the examples take for granted, in the page: examples-context.d.ts lists it. */
async function prepare(learns: boolean): Promise<void> {
  const { FaceNet } = library;
  const address = '/dist/gallery.js';
  const { Gallery } = (await import(address)) as typeof import('../../lib/gallery/index.ts');
  const kept = globalThis as unknown as { ground?: Ground; photoOf?: typeof photo };
  // Of the networks nobody lets go before the page does.
  if (!kept.ground) await FaceNet.load();
  const facenet = await FaceNet.load();
  kept.photoOf ??= photo;
  kept.ground ??= await lay(facenet, kept.photoOf);
  const { photos, faces, others, crop, video } = kept.ground;
  const [photoA, photoB, photoC] = photos as [Blob, Blob, Blob];
  const [face, probe, third] = faces as [EmbeddedFace, EmbeddedFace, EmbeddedFace];
  const gallery = await Gallery.open({ name: 'examples', facenet, storage: 'memory' });
  const enrolled = [
    await gallery.enrol({ name: 'Ada' }, face, { allow: ['low-quality'] }),
    await gallery.enrol({ name: 'Bob' }, third, { allow: ['low-quality', 'other-person'] }),
  ];
  const [person, other] = enrolled.map((result) => result.enrolled && result.person);
  if (learns) {
    // Of these four photos no two show the same person.
    const four = await Promise.all([1, 4, 5, 6].map((i) => kept.photoOf?.(`/photos/sample${i}.jpg`) as Promise<Blob>));
    kept.ground.people ??= await changedFaces(facenet, four);
    for (const [i, [first, ...others]] of kept.ground.people.entries()) {
      const allow = ['other-person'] as const;
      const result = await gallery.enrol({ name: `person ${i}` }, first as EmbeddedFace, { allow });
      if (!result.enrolled) throw new Error(`person ${i} was not enrolled`);
      for (const face of others) await gallery.enrol({ id: result.person.id }, face, { allow });
    }
  }
  Object.assign(globalThis, {
    ...{ facenet, gallery, video, face, probe, faces, newFaces: others, crop, person, other },
    ...{ photo: photoA, photoA, photoB, photoC, file: new File([photoA], 'photo.jpg') },
    storedFloat32Array: face.embedding,
    passphrase: 'correct horse battery staple',
    controller: new AbortController(),
    signal: AbortSignal.timeout(learns ? 60_000 : 4000),
    bar: document.createElement('progress'),
    hint: document.createElement('p'),
    texts: {},
    draw: () => {},
    tell: () => {},
    show: () => {},
    async tidyUp() {
      for (const element of document.querySelectorAll('face-net')) element.remove();
      await gallery.close().catch(() => {}); // An example may have erased it.
      await facenet.dispose();
    },
  });

  /** Every face of the photos as it is and mirrored, darker, lighter and blurred: enough for a head that is calibrated. */
  async function changedFaces(facenet: import('../../lib/index.ts').FaceNet, photos: Blob[]) {
    const side = 150;
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    const changes = [0.5, 0.7, 1, 1.3].flatMap((light) => [0, 0.7, 1.4].map((blur) => ({ light, blur })));
    const people: { embedding: Float32Array; model: string }[][] = [];
    for (const photo of photos) {
      for (const face of await facenet.embed(photo)) {
        const crop = await createImageBitmap(await facenet.align(photo, face, { size: side }));
        const own: { embedding: Float32Array; model: string }[] = [];
        for (const mirrored of [false, true]) {
          for (const { light, blur } of changes) {
            context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? side : 0, 0);
            context.filter = `brightness(${light}) blur(${blur}px)`;
            context.drawImage(crop, 0, 0);
            own.push(await facenet.embedCrop(context.getImageData(0, 0, side, side)));
          }
        }
        people.push(own);
      }
    }
    return people;
  }

  async function lay(facenet: import('../../lib/index.ts').FaceNet, photoOf: typeof photo): Promise<Ground> {
    const photos = await Promise.all([1, 6, 2].map((i) => photoOf(`/photos/sample${i}.jpg`)));
    const [first, second] = photos as [Blob, Blob];
    const faces = await facenet.embed(first);
    // A camera's picture stands still here: a photo on a canvas.
    const bitmap = await createImageBitmap(first);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const draw = () => canvas.getContext('2d')?.drawImage(bitmap, 0, 0, 640, 480);
    draw();
    setInterval(draw, 100);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream(10);
    await video.play();
    const crop = await facenet.align(first, faces[0] as EmbeddedFace);
    return { photos, faces, others: await facenet.embed(second), crop, video };
  }
}
